#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "media/av.h"

namespace soundtouch {
class SoundTouch;
}

namespace backline::media {

/// Turns interleaved frames of one rate, piece by piece, into such of another, faster or slower if wanted: with the pitch as it was, or with one
/// that goes with the speed as of a tape. Where rates and speed are equal nothing is done to them.
class StreamConverter {
 public:
  /// Rates in Hz.
  StreamConverter(std::uint32_t channels, int inputRate, int outputRate);
  ~StreamConverter();

  /// All below throw std::runtime_error where the sound cannot be converted.

  /// `rate`: how many times as fast, above 0. What is inside is given out before, at the old speed.
  void setSpeed(double rate, bool preservesPitch);
  void add(std::span<const float> interleaved);
  /// Gives out what is still inside: the sound ends here.
  void finish();
  /// Forgets all that is inside.
  void reset();

  /// Interleaved frames that are ready; consume() throws away that many of them.
  std::span<const float> ready() const { return std::span<const float>(out_).subspan(begin_); }
  void consume(std::uint32_t frames) { begin_ += std::size_t{frames} * channels_; }
  /// Input frames for one of output.
  double step() const { return step_; }

 private:
  void open();
  void resample(const float* samples, int frames);
  void drainTempo();

  const std::uint32_t channels_;
  const int inputRate_, outputRate_;
  double rate_ = 1, step_ = 1;
  bool preservesPitch_ = true;
  std::unique_ptr<soundtouch::SoundTouch> tempo_;   // null: the speed is not changed by it
  AvResampler resampler_;                           // null: the rate is not changed
  std::vector<float> out_, stretched_;
  std::size_t begin_ = 0;   // in out_: samples before it were consumed
};

}  // namespace backline::media
