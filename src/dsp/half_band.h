#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace backline::dsp {

/// The taps of a half-band low pass that are not zero, without the one in the middle: a sinc half a sample beside its centre under a
/// Blackman window (a = 0.16), their sum 1. `count` is even; linear phase.
std::vector<float> halfBandTaps(std::size_t count);

/// One step between a sample rate and its double. Both directions delay by `delay` samples of the lower rate, at least half the taps.
/// What they remember of a channel is the caller's: `history` floats, zero at first.
class HalfBand {
 public:
  HalfBand(std::size_t taps, std::size_t delay) : taps_(halfBandTaps(taps)), extra_(delay - taps / 2), delay_(delay) {}

  /// Samples of the lower rate that a sample sounds on for, in either direction.
  std::size_t memory() const { return extra_ + taps_.size(); }
  std::size_t upHistory() const { return memory(); }
  std::size_t downHistory() const { return 2 * memory(); }
  /// Of the scratch that both need for `count` samples of the lower rate.
  std::size_t scratch(std::size_t count) const { return 2 * (memory() + count) + count; }

  /// `count` samples in, twice as many out. [render]
  void up(const float* in, std::size_t count, float* out, std::span<float> history, float* scratch) const noexcept;
  /// 2 · `count` samples in, `count` out. [render]
  void down(const float* in, std::size_t count, float* out, std::span<float> history, float* scratch) const noexcept;

 private:
  const std::vector<float> taps_;
  const std::size_t extra_, delay_;
};

}  // namespace backline::dsp
