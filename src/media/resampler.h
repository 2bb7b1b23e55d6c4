#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "media/av.h"

namespace backline::media {

/// Frames of one float array a channel, valid during the call.
using TakePlanar = std::function<void(std::span<const float* const> channels, std::size_t frames)>;

/// Turns decoded frames into planar float at another rate, piece by piece. Channels are kept as they come.
class Resampler {
 public:
  /// `first` says the format that all frames have. No more than `mostSamples`, of all channels together, are given to `take`.
  Resampler(const AVFrame& first, int sampleRate, std::uint64_t mostSamples, TakePlanar take);

  std::uint32_t channels() const { return static_cast<std::uint32_t>(channels_); }
  /// Throws EncodingError if the sound gets longer than that.
  void add(const AVFrame& frame);
  /// Gives what is still inside. How many frames of all that was given are the sound: as many as came in, at the other rate.
  std::uint64_t finish();

 private:
  void convert(const std::uint8_t* const* samples, int frames);
  void give(std::size_t frames);

  AvResampler resampler_;
  const int inputRate_, channels_, outputRate_;
  const std::uint64_t mostSamples_;
  const TakePlanar take_;
  std::uint64_t inputFrames_ = 0, outputFrames_ = 0;
  std::vector<std::vector<float>> planes_;
  std::vector<std::uint8_t*> rows_;   // of planes_
};

}  // namespace backline::media
