#pragma once

#include <cstdint>
#include <vector>

#include "media/av.h"

namespace backline::media {

/// Turns decoded frames into planar float at another rate. Channels are kept as they come.
class Resampler {
 public:
  /// `first` says the format that all frames must have.
  Resampler(const AVFrame& first, int sampleRate);

  /// Throws EncodingError if the format changes, or the sound gets longer than memory should hold.
  void add(const AVFrame& frame);
  /// Everything, one vector a channel: as long as the input, to the frame.
  std::vector<std::vector<float>> finish();

 private:
  void convert(const std::uint8_t* const* samples, int frames);

  AvResampler resampler_;
  int format_, inputRate_, channels_, outputRate_;
  std::uint64_t inputFrames_ = 0;
  std::vector<std::vector<float>> output_;
};

}  // namespace backline::media
