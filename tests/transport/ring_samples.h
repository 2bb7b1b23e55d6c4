#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "tests/transport/peer.h"
#include "transport/ring_stream.h"

namespace backline::transport::test {

/// The sample of a channel of a frame: any two differ almost surely, so that a torn or displaced frame shows.
inline float sampleAt(std::uint64_t frame, std::uint32_t channel) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(mix(frame * 64 + channel) & 0x3fffffff));
}

inline std::vector<float> framesFrom(std::uint64_t first, std::uint32_t frames, std::uint32_t channels) {
  std::vector<float> samples(std::size_t{frames} * channels);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = sampleAt(first + i / channels, static_cast<std::uint32_t>(i % channels));
  }
  return samples;
}

/// How many of the frames read are not what was written at their place.
inline std::uint32_t wrongFrames(const std::vector<float>& samples, std::uint64_t first, std::uint32_t frames,
                                 std::uint32_t channels) {
  std::uint32_t wrong = 0;
  for (std::uint32_t frame = 0; frame < frames; ++frame) {
    bool right = true;
    for (std::uint32_t channel = 0; channel < channels; ++channel) {
      right = right && samples[std::size_t{frame} * channels + channel] == sampleAt(first + frame, channel);
    }
    wrong += right ? 0 : 1;
  }
  return wrong;
}

/// Appends frames with the right samples for their places; returns how many were taken.
inline std::uint32_t writeFrames(RingWriter& writer, std::uint32_t frames) {
  return writer.write(framesFrom(writer.written(), frames, writer.format().channels).data(), frames);
}

struct Read {
  std::uint32_t frames;
  std::uint32_t wrong;
};

inline Read readFrames(RingReader& reader, std::uint32_t frames) {
  const std::uint32_t channels = reader.format().channels;
  std::vector<float> samples(std::size_t{frames} * channels);
  const std::uint32_t got = reader.read(samples.data(), frames);
  return {got, wrongFrames(samples, reader.consumed() - got, got, channels)};
}

}  // namespace backline::transport::test
