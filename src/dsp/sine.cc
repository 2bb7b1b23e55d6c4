#include "dsp/sine.h"

#include <cmath>
#include <numbers>

namespace backline::dsp {

Phase phaseOf(double cycles) noexcept {
  // Half a cycle is the same phase in both directions, and does not fit a signed word.
  if (!(std::abs(cycles) < 0.5)) return Phase{1} << 63;
  return static_cast<Phase>(static_cast<std::int64_t>(cycles * 0x1p64));
}

double sine(Phase phase) noexcept {
  // Fold the cycle onto its first quarter: sin(π − x) = sin(x).
  const auto turned = static_cast<std::int64_t>(phase);
  const auto quarter = std::int64_t{1} << 62;
  const auto folded = turned > quarter || turned < -quarter
                          ? static_cast<std::int64_t>((Phase{1} << 63) - static_cast<Phase>(turned))
                          : turned;
  const double x = static_cast<double>(folded) * (0x1p-64 * 2 * std::numbers::pi);
  const double y = x * x;
  // The power series; the first term left out is below 6e-12 at a quarter turn.
  double sum = -1.0 / 1307674368000.0;
  sum = sum * y + 1.0 / 6227020800.0;
  sum = sum * y - 1.0 / 39916800.0;
  sum = sum * y + 1.0 / 362880.0;
  sum = sum * y - 1.0 / 5040.0;
  sum = sum * y + 1.0 / 120.0;
  sum = sum * y - 1.0 / 6.0;
  sum = sum * y + 1.0;
  return x * sum;
}

void sines(Phase phase, Phase step, std::span<float> out) noexcept {
  for (float& sample : out) {
    sample = static_cast<float>(sine(phase));
    phase += step;
  }
}

}  // namespace backline::dsp
