#pragma once

#include <cstddef>
#include <vector>

namespace backline::dsp {

/// A low-pass filter as a function of time, sampled finely: row p holds the `taps` coefficients for a point p / phases of a frame
/// beyond the middle. Between rows is interpolated. J. O. Smith, "Digital Audio Resampling": https://ccrma.stanford.edu/~jos/resample
struct SincTable {
  std::size_t taps = 0;              ///< a multiple of 8
  std::size_t phases = 0;
  std::vector<float> coefficients;   ///< (phases + 1) × taps
};

/// A Kaiser-windowed sinc for reading frames at `inputRate` out at `outputRate`, Hz: flat to 0.42 of the lower rate, 100 dB down from
/// 0.53 of it. Delays by half of its taps. Allocates.
SincTable makeSincTable(double inputRate, double outputRate);

/// out[i]: the input at `position` + i · `step` frames, position ≥ 0; reads `taps` frames from the whole part of that on. The same bits
/// on every SIMD target as the twin in namespace scalar: sums in eight lanes, added in one order. [render]
void sincInterpolate(const SincTable& table, const float* input, double position, double step, float* out, std::size_t count) noexcept;

namespace scalar {
void sincInterpolate(const SincTable& table, const float* input, double position, double step, float* out, std::size_t count) noexcept;
}  // namespace scalar

}  // namespace backline::dsp
