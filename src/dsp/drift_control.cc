#include "dsp/drift_control.h"

#include <algorithm>
#include <cmath>

namespace backline::dsp {

namespace {
// The loop is critically damped at these natural frequencies; the smoothing is ten times as fast.
constexpr double kFirstFrequency = 0.4;   // radians a second
constexpr double kLastFrequency = 0.1;
constexpr double kFirstSeconds = 10;      // before it begins to slow down
constexpr double kSmoothing = 0.1;
constexpr double kMeasuring = 0.5;        // seconds in which the first fill is averaged
constexpr double kOffsetDecay = 30;       // seconds
}  // namespace

void DriftControl::restart() noexcept {
  age_ = offset_ = once_ = smoothed_ = 0;
  correction_ = learnt_;
}

double DriftControl::update(double excess, double elapsed) noexcept {
  if (age_ < kMeasuring) {
    age_ += elapsed;
    offset_ += excess * elapsed;
    if (age_ >= kMeasuring) offset_ /= age_;
    return correction_;
  }
  offset_ -= offset_ * elapsed / (elapsed + kOffsetDecay);
  const double frequency = std::max(kLastFrequency, 1 / (std::max(0.0, age_ - kFirstSeconds) + 1 / kFirstFrequency));
  age_ += elapsed;
  const double follow = elapsed / (elapsed + kSmoothing / frequency);
  once_ += (excess - offset_ - once_) * follow;
  smoothed_ += (once_ - smoothed_) * follow;
  const double proportional = 2 * frequency * smoothed_ / rate_;
  const double wanted = proportional + learnt_;
  // At its limit it learns only what leads away from it.
  if (std::abs(wanted) < limit_ || wanted * smoothed_ < 0) {
    learnt_ = std::clamp(learnt_ + frequency * frequency * smoothed_ * elapsed / rate_, -limit_, limit_);
  }
  return correction_ = std::clamp(proportional + learnt_, -limit_, limit_);
}

}  // namespace backline::dsp
