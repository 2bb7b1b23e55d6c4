#include "dsp/frames.h"

#include <cmath>

namespace backline::dsp {

namespace {
constexpr double kWholeTolerance = 1e-6;  // frames
constexpr double kGrid = 0x1p28;          // positions a frame
}  // namespace

double framesOf(double seconds, float sampleRate) noexcept {
  const double frames = seconds * double{sampleRate};
  if (frames == 0 || !std::isfinite(frames)) return frames;   // of most schedules
  const double whole = std::nearbyint(frames);
  if (std::abs(frames - whole) < kWholeTolerance) return whole;
  const double integral = std::floor(frames);
  return integral + std::nearbyint((frames - integral) * kGrid) / kGrid;
}

}  // namespace backline::dsp
