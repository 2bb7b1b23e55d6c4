#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "media/decoder.h"

namespace backline::test {

/// By way of the helper of this build.
inline std::shared_ptr<AudioBuffer> decode(std::span<const std::byte> bytes, float sampleRate) {
  static media::Decoder decoder({.command = {BACKLINE_DECODE}});
  return decoder.decodeAudioData(bytes, sampleRate);
}

/// What decoding fails with; empty if it does not.
inline std::string decodingFailure(media::Decoder& decoder, std::span<const std::byte> bytes, const char* name = "EncodingError") {
  try {
    decoder.decodeAudioData(bytes, 48000);
  } catch (const Error& error) {
    EXPECT_EQ(error.name(), name) << error.what();
    return error.what();
  }
  return "";
}

}  // namespace backline::test
