#pragma once

#include <cstdint>
#include <vector>

#include "dsp/sinc.h"

namespace backline::dsp {

/// Reads interleaved frames of one clock out at another, at a ratio that may change a little with every call: the position in the input
/// is continuous, so that no frame is lost or played twice however long it runs. Everything is allocated when it is made.
class AdaptiveResampler {
 public:
  /// How much faster or slower than the rates say it may read.
  static constexpr double kMostCorrection = 0.005;

  /// Rates in Hz; `mostOutput`: frames ever asked for at once.
  AdaptiveResampler(std::uint32_t channels, double inputRate, double outputRate, std::uint32_t mostOutput);

  /// What the next `outputFrames` take from the input, read faster by `correction` (0.001: a thousandth). [render]
  std::uint32_t inputFor(std::uint32_t outputFrames, double correction) const noexcept;
  /// `input`: inputFor(outputFrames, correction) frames. Plane c of the output begins at output + c · stride. [render]
  void convert(const float* input, float* output, std::size_t stride, std::uint32_t outputFrames, double correction) noexcept;
  /// As if only silence had been before. [render]
  void reset() noexcept;

  /// The most that inputFor says.
  std::uint32_t mostInput() const { return mostInput_; }
  /// Input frames between a frame's going in and its coming out.
  double delay() const { return static_cast<double>(table_.taps) / 2; }

 private:
  double stepOf(double correction) const noexcept;

  std::uint32_t channels_;
  double ratio_;   // input frames for one of output
  std::uint32_t mostInput_;
  SincTable table_;
  struct {
    std::vector<float> history;   // a plane a channel: taps frames from before, then the new ones
    double position = 0;          // of the next output in it, less than 1
  } rt_;
};

}  // namespace backline::dsp
