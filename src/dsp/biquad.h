#pragma once

#include <cstddef>
#include <span>

namespace backline::dsp {

/// In the order of the specification's BiquadFilterType.
enum class BiquadType { lowpass, highpass, bandpass, lowshelf, highshelf, peaking, notch, allpass };

/// Normalized: a0 is 1.
struct BiquadCoefficients {
  double b0 = 1, b1 = 0, b2 = 0, a1 = 0, a2 = 0;
};

/// Web Audio §1.13.5 (after the Audio EQ Cookbook). frequency: cycles a frame, 0 … 0.5; beyond its formulas' range (0, 0.5, Q ≤ 0)
/// their limits. q: dB for lowpass and highpass, a factor otherwise. gain: dB. [any thread]
BiquadCoefficients biquadCoefficients(BiquadType type, double frequency, double q, double gain) noexcept;

/// One channel's memory.
struct BiquadState {
  double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
  /// No sample that could still be heard is left in it.
  bool isQuiet() const noexcept;
};

/// Filters `count` samples; in and out may be the same. [render]
void biquad(const BiquadCoefficients& coefficients, BiquadState& state, const float* in, float* out, std::size_t count) noexcept;

/// H(z) of sections of any order, b over a (a[0] need not be 1), at `frequency` cycles a frame: magnitude and phase in radians. [any thread]
void response(std::span<const double> b, std::span<const double> a, double frequency, float& magnitude, float& phase) noexcept;

}  // namespace backline::dsp
