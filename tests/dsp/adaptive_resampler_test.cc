#include "dsp/adaptive_resampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <span>

#include "tests/dsp/spectrum.h"
#include "transport/realtime.h"

namespace backline::dsp {
namespace {

using test::amplitudes;
using test::decibels;

constexpr std::uint32_t kQuantum = 128;

// `count` frames of a cosine of `frequency` Hz at `inputRate`, read at `outputRate` and `correction`, after the filter has filled.
std::vector<float> readOut(double frequency, double inputRate, double outputRate, double correction, std::size_t count) {
  AdaptiveResampler resampler(1, inputRate, outputRate, kQuantum);
  std::vector<float> input(resampler.mostInput()), out;
  std::uint64_t frame = 0;
  const std::size_t settle = kQuantum * 40;
  while (out.size() < count + settle) {
    const std::uint32_t taken = resampler.inputFor(kQuantum, correction);
    EXPECT_LE(taken, resampler.mostInput());
    for (std::uint32_t i = 0; i < taken; ++i)
      input[i] = static_cast<float>(0.5 * std::cos(2 * std::numbers::pi * frequency * static_cast<double>(frame + i) / inputRate));
    frame += taken;
    out.resize(out.size() + kQuantum);
    const transport::RealtimeScope realtime;
    resampler.convert(input.data(), out.data() + out.size() - kQuantum, kQuantum, kQuantum, correction);
  }
  return {out.begin() + settle, out.begin() + static_cast<std::ptrdiff_t>(settle + count)};
}

struct Case {
  double input, output;
};
constexpr Case kCases[] = {{48000, 48000}, {44100, 48000}, {48000, 44100}, {96000, 48000}, {16000, 48000}, {48000, 44101}};
constexpr double kPassband = 0.41;   // of the lower rate

TEST(AdaptiveResampler, PassesTonesToFourTenthsOfTheLowerRateCleanly) {
  constexpr std::size_t kLength = 1 << 14;
  for (const auto& [input, output] : kCases) {
    for (const double correction : {0.0, 0.0003, -0.005}) {
      for (const double part : {0.01, 0.1, 0.3, kPassband}) {
        // A tone that falls on a bin of the output.
        const double bin = std::round(part * std::min(input, output) / output * kLength);
        const double frequency = bin * output / kLength / (1 + correction);
        const auto sizes = amplitudes(std::span<const float>(readOut(frequency, input, output, correction, kLength)));
        double rest = 0;
        for (std::size_t k = 0; k < sizes.size(); ++k)
          if (k != static_cast<std::size_t>(bin)) rest += sizes[k] * sizes[k];
        const double tone = sizes[static_cast<std::size_t>(bin)];
        EXPECT_NEAR(decibels(tone / 0.5), 0, 0.05) << frequency << " Hz, " << input << " → " << output;
        EXPECT_LT(decibels(std::sqrt(rest) / tone), -98) << "THD+N in dB at " << frequency << " Hz, " << input << " → " << output << ", correction " << correction;
      }
    }
  }
}

TEST(AdaptiveResampler, WhatTheOutputCannotHoldIsGoneByHundredDecibels) {
  for (const auto& [input, output] : {Case{48000, 44100}, Case{96000, 48000}, Case{96000, 8000}}) {
    const double frequency = 0.54 * output;
    double loudest = 0;
    for (const float sample : readOut(frequency, input, output, 0, 4096)) loudest = std::max<double>(loudest, std::abs(sample));
    EXPECT_LT(decibels(loudest / 0.5), -95) << "dB left of " << frequency << " Hz, " << input << " → " << output;
  }
}

TEST(AdaptiveResampler, TakesWhatItsRatioSaysOverAnyTime) {
  AdaptiveResampler resampler(2, 44100, 48000, kQuantum);
  std::vector<float> input(std::size_t{resampler.mostInput()} * 2), out(std::size_t{kQuantum} * 2);
  double expected = 0;
  std::uint64_t taken = 0;
  for (int i = 0; i < 40000; ++i) {
    const double correction = 0.004 * std::sin(i * 1e-3);
    taken += resampler.inputFor(kQuantum, correction);
    expected += kQuantum * (44100.0 / 48000) * (1 + correction);
    const transport::RealtimeScope realtime;
    resampler.convert(input.data(), out.data(), kQuantum, kQuantum, correction);
  }
  EXPECT_NEAR(static_cast<double>(taken), expected, 1.0) << "frames in two minutes";
}

}  // namespace
}  // namespace backline::dsp
