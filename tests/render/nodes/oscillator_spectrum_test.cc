#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "render/nodes/list.h"
#include "tests/dsp/spectrum.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

constexpr float kRate = 48000;
constexpr std::size_t kLength = 65536;         // frames
constexpr float kBin = kRate / kLength;        // Hz, exact
enum Type { kSine, kSquare, kSawtooth, kTriangle };

std::vector<float> stretch(double type, float frequency) {
  NodeHarness node(render::kOscillator, kRate);
  node.field(0, type).param(0, frequency).start(0);
  return node.play(kLength);
}

TEST(OscillatorSpectrum, AliasesStayBelowMinus96dB) {
  constexpr double kLimit = -96;  // dB, each bin
  for (const double type : {kSine, kSquare, kSawtooth, kTriangle}) {
    for (const std::size_t bin : {55u, 601u, 1361u, 5443u, 10813u, 20477u, 32761u}) {
      const auto sizes = amplitudes<float>(stretch(type, static_cast<float>(bin) * kBin));
      double worst = 0;
      for (std::size_t k = 0; k < kLength / 2; ++k) {
        if (k % bin != 0) worst = std::max(worst, sizes[k]);
      }
      EXPECT_LT(decibels(worst), kLimit) << "dB, type " << type << " at " << static_cast<float>(bin) * kBin << " Hz";
    }
  }
}

TEST(OscillatorSpectrum, TheFrequencyIsRightWithinAMillionthOfACent) {
  for (const float hertz : {27.5f, 440.0f, 12543.854f}) {
    const auto out = stretch(kSine, hertz);
    // Over the last tenth, the best fit of sine and cosine of the asked frequency: a cosine is a phase error.
    double ss = 0, sc = 0, cc = 0, xs = 0, xc = 0;
    for (std::size_t i = kLength * 9 / 10; i < kLength; ++i) {
      const double w = 2 * std::numbers::pi * std::fmod(double{hertz} / kRate * static_cast<double>(i), 1.0);
      const double s = std::sin(w), c = std::cos(w);
      ss += s * s, sc += s * c, cc += c * c, xs += out[i] * s, xc += out[i] * c;
    }
    const double determinant = ss * cc - sc * sc;
    const double inPhase = (xs * cc - xc * sc) / determinant, quadrature = (xc * ss - xs * sc) / determinant;
    const double cyclesOff = std::atan2(quadrature, inPhase) / (2 * std::numbers::pi);
    const double cents = 1200 * std::log2(1 + std::abs(cyclesOff) / (hertz * 0.95 * kLength / kRate));
    EXPECT_LT(cents, 1e-6) << "cents, at " << hertz << " Hz";
  }
}

}  // namespace
}  // namespace backline::test
