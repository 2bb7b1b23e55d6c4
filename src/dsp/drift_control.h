#pragma once

namespace backline::dsp {

/// How much faster than its nominal rate a stream is to be read so that its buffer keeps its fill: a PI controller on the smoothed fill.
/// Counts in frames and in seconds of frames; knows no other clock. It is quick at first and then slow, so that bursts of arrivals do
/// not reach the pitch; what it has learnt of the drift it keeps over interruptions. [render]
class DriftControl {
 public:
  /// `rate`: frames a second of the stream. `limit`: the greatest correction, either way.
  DriftControl(double rate, double limit) : rate_(rate), limit_(limit) {}

  /// The fill begins anew, near its target: what it is off by on average at first is brought to nothing over the next minute.
  void restart() noexcept;
  /// `excess`: frames in the buffer beyond its mean target; `elapsed`: seconds since the last call. Gives the correction.
  double update(double excess, double elapsed) noexcept;
  double correction() const noexcept { return correction_; }

 private:
  double rate_, limit_;
  double age_ = 0;                  // seconds since the last start
  double offset_ = 0;               // what the fill began with; while it is measured, its sum
  double once_ = 0, smoothed_ = 0;  // the excess behind one pole and behind two
  double learnt_ = 0;               // the integral: what the clocks differ by
  double correction_ = 0;
};

}  // namespace backline::dsp
