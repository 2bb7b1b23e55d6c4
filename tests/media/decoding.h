#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "media/decoder.h"

namespace backline::test {

/// The helper of this build.
inline const std::shared_ptr<media::DecodeHelper>& decodeHelper() {
  static const auto helper = std::make_shared<media::DecodeHelper>(media::DecodeHelperOptions{.command = {BACKLINE_DECODE}});
  return helper;
}

/// By way of it.
inline std::shared_ptr<AudioBuffer> decode(std::span<const std::byte> bytes, float sampleRate) {
  static media::Decoder decoder({.command = {BACKLINE_DECODE}});
  return decoder.decodeAudioData(bytes, sampleRate);
}

/// What decoding fails with; empty if it does not.
inline std::string decodingFailure(media::Decoder& decoder, std::span<const std::byte> bytes, const char* name = "EncodingError", float sampleRate = 48000) {
  try {
    decoder.decodeAudioData(bytes, sampleRate);
  } catch (const Error& error) {
    EXPECT_EQ(error.name(), name) << error.what();
    return error.what();
  }
  return "";
}

}  // namespace backline::test
