#pragma once

#include <cstdint>
#include <memory>

struct SwrContext;

namespace backline::audioserver {

/// Converts a stream of interleaved frames to another rate, given out as planes. Its filter is filled with silence when it is
/// made, so that from then on frames go in and come out in step, and nothing is allocated.
class RateConverter {
 public:
  /// `maxOutput`: the most frames ever asked for at once. Throws DeviceError for rates it cannot join. [io]
  RateConverter(std::uint32_t channels, std::uint32_t inputRate, std::uint32_t outputRate, std::uint32_t maxOutput);

  /// Takes all of the input and gives up to `outputFrames`, less if the input does not reach for more. Plane c begins at
  /// output + c · stride. What is not asked for now is kept; keep it little by asking for what the input reaches for. [device]
  std::uint32_t convert(const float* input, std::uint32_t inputFrames, float* output, std::size_t stride,
                        std::uint32_t outputFrames) noexcept;
  /// Input frames that reach for `outputFrames` more frames, give or take one. [any thread]
  std::uint32_t inputFor(std::uint32_t outputFrames) const noexcept;
  /// Seconds between a frame's going in and its coming out. [any thread]
  double latency() const noexcept { return latency_; }

 private:
  struct Free {
    void operator()(SwrContext* context) const;
  };
  std::unique_ptr<SwrContext, Free> context_;
  std::uint32_t channels_;
  std::uint32_t inputRate_;
  std::uint32_t outputRate_;
  double latency_ = 0;
};

}  // namespace backline::audioserver
