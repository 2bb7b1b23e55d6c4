#include "dsp/biquad.h"

#include <cmath>
#include <complex>
#include <numbers>

namespace backline::dsp {

namespace {

constexpr double kInaudible = 1e-30;

BiquadCoefficients normalized(double b0, double b1, double b2, double a0, double a1, double a2) noexcept {
  return {b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0};
}
BiquadCoefficients constant(double gain) noexcept { return {gain, 0, 0, 0, 0}; }

/// Whether Q is in dB.
bool takesDecibels(BiquadType type) noexcept { return type == BiquadType::lowpass || type == BiquadType::highpass; }

/// Where w0 is 0 or π, or Q is not positive, poles and zeros meet or lie on the unit circle: what the formulas tend to.
bool limit(BiquadType type, double frequency, double q, double amplitude, BiquadCoefficients& found) noexcept {
  const bool low = frequency <= 0, high = frequency >= 0.5;
  const double square = amplitude * amplitude;
  switch (type) {
    case BiquadType::lowpass:
      if (low) found = constant(0);
      if (high) found = constant(1);
      return low || high;
    case BiquadType::highpass:
      if (low) found = constant(1);
      if (high) found = constant(0);
      return low || high;
    case BiquadType::bandpass:
      if (low || high) found = constant(0);
      else if (q <= 0) found = constant(1);
      return low || high || q <= 0;
    case BiquadType::lowshelf:
      if (low) found = constant(1);
      if (high) found = constant(square);
      return low || high;
    case BiquadType::highshelf:
      if (low) found = constant(square);
      if (high) found = constant(1);
      return low || high;
    case BiquadType::peaking:
      if (low || high) found = constant(1);
      else if (q <= 0) found = constant(square);
      return low || high || q <= 0;
    case BiquadType::notch:
      if (low || high) found = constant(1);
      else if (q <= 0) found = constant(0);
      return low || high || q <= 0;
    case BiquadType::allpass:
      if (low || high) found = constant(1);
      else if (q <= 0) found = constant(-1);
      return low || high || q <= 0;
  }
  return false;
}

}  // namespace

BiquadCoefficients biquadCoefficients(BiquadType type, double frequency, double q, double gain) noexcept {
  const bool takesGain = type == BiquadType::lowshelf || type == BiquadType::highshelf || type == BiquadType::peaking;
  const double a = takesGain ? std::pow(10.0, gain / 40) : 1;
  BiquadCoefficients found;
  if (limit(type, frequency, q, a, found)) return found;
  const double w0 = 2 * std::numbers::pi * frequency;
  const double sine = std::sin(w0), cosine = std::cos(w0);
  const double alpha = sine / (2 * (takesDecibels(type) ? std::pow(10.0, q / 20) : q));
  const double shelf = 2 * std::sqrt(a) * sine / 2 * std::numbers::sqrt2;   // 2 √A · α_S, S = 1
  switch (type) {
    case BiquadType::lowpass:
      return normalized((1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha);
    case BiquadType::highpass:
      return normalized((1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2, 1 + alpha, -2 * cosine, 1 - alpha);
    case BiquadType::bandpass:
      return normalized(alpha, 0, -alpha, 1 + alpha, -2 * cosine, 1 - alpha);
    case BiquadType::lowshelf:
      return normalized(a * ((a + 1) - (a - 1) * cosine + shelf), 2 * a * ((a - 1) - (a + 1) * cosine), a * ((a + 1) - (a - 1) * cosine - shelf),
                        (a + 1) + (a - 1) * cosine + shelf, -2 * ((a - 1) + (a + 1) * cosine), (a + 1) + (a - 1) * cosine - shelf);
    case BiquadType::highshelf:
      return normalized(a * ((a + 1) + (a - 1) * cosine + shelf), -2 * a * ((a - 1) + (a + 1) * cosine), a * ((a + 1) + (a - 1) * cosine - shelf),
                        (a + 1) - (a - 1) * cosine + shelf, 2 * ((a - 1) - (a + 1) * cosine), (a + 1) - (a - 1) * cosine - shelf);
    case BiquadType::peaking:
      return normalized(1 + alpha * a, -2 * cosine, 1 - alpha * a, 1 + alpha / a, -2 * cosine, 1 - alpha / a);
    case BiquadType::notch:
      return normalized(1, -2 * cosine, 1, 1 + alpha, -2 * cosine, 1 - alpha);
    case BiquadType::allpass:
      return normalized(1 - alpha, -2 * cosine, 1 + alpha, 1 + alpha, -2 * cosine, 1 - alpha);
  }
  return {};
}

bool BiquadState::isQuiet() const noexcept {
  return std::abs(x1) < kInaudible && std::abs(x2) < kInaudible && std::abs(y1) < kInaudible && std::abs(y2) < kInaudible;
}

void biquad(const BiquadCoefficients& c, BiquadState& state, const float* in, float* out, std::size_t count) noexcept {
  double x1 = state.x1, x2 = state.x2, y1 = state.y1, y2 = state.y2;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = in[i];
    const double y = c.b0 * x + c.b1 * x1 + c.b2 * x2 - c.a1 * y1 - c.a2 * y2;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    out[i] = static_cast<float>(y);
  }
  state = {x1, x2, y1, y2};
}

void response(std::span<const double> b, std::span<const double> a, double frequency, float& magnitude, float& phase) noexcept {
  const std::complex<double> delay = std::polar(1.0, -2 * std::numbers::pi * frequency);   // z^-1
  const auto polynomial = [&](std::span<const double> terms) {
    std::complex<double> sum = 0;
    for (std::size_t i = terms.size(); i-- > 0;) sum = sum * delay + terms[i];
    return sum;
  };
  const std::complex<double> value = polynomial(b) / polynomial(a);
  magnitude = static_cast<float>(std::abs(value));
  phase = static_cast<float>(std::arg(value));
}

}  // namespace backline::dsp
