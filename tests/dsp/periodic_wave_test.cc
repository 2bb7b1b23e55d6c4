#include "dsp/periodic_wave.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "tests/dsp/spectrum.h"
#include "tests/support/seed.h"
#include "transport/realtime.h"

namespace backline::dsp {
namespace {

constexpr std::size_t kLength = 65536;  // frames analysed
constexpr double kTwoPi = 2 * std::numbers::pi;

// A wave at `bin` cycles in kLength frames, all partials on bins of the transform. An odd number of cycles keeps aliases apart.
std::vector<float> render(const PeriodicWave& wave, std::size_t bin) {
  const double cycles = static_cast<double>(bin) / kLength;
  const Phase step = Phase{bin} << 48;
  std::vector<float> out(kLength);
  const transport::RealtimeScope scope;
  const auto band = wave.band(0.5 / cycles);
  Phase phase = 0;
  for (auto& sample : out) sample = band.at(phase), phase += step;
  return out;
}

const BasicWaves& basicWaves() {
  static const BasicWaves waves(BasicWaves::partialsFor(48000));
  return waves;
}

struct NamedWave {
  const char* name;
  const PeriodicWave& wave;
};
std::vector<NamedWave> basics() {
  return {{"square", basicWaves().square()}, {"sawtooth", basicWaves().sawtooth()}, {"triangle", basicWaves().triangle()}};
}

TEST(PeriodicWave, NothingButItsHarmonicsSoundsAbove96dBBelowFullScale) {
  constexpr double kLimit = -96;  // dB, each bin
  for (const auto& [name, wave] : basics()) {
    for (const std::size_t bin : {11u, 37u, 149u, 601u, 1201u, 4099u, 9001u, 17011u, 30011u}) {
      const auto sizes = test::amplitudes<float>(render(wave, bin));
      double worst = 0;
      for (std::size_t k = 1; k + 1 < sizes.size(); ++k) {
        if (k % bin != 0) worst = std::max(worst, sizes[k]);
      }
      EXPECT_LT(test::decibels(worst), kLimit) << "dB, " << name << " at " << bin * 48000.0 / kLength << " Hz of 48 kHz";
    }
  }
}

TEST(PeriodicWave, HarmonicsBelowTwoThirdsOfNyquistAreWhole) {
  constexpr double kLimit = 0.01;  // dB
  for (const std::size_t bin : {37u, 149u, 601u, 1201u, 4099u}) {
    const auto sizes = test::amplitudes<float>(render(basicWaves().sawtooth(), bin));
    // Relative to the fundamental: normalization scales all alike.
    const std::size_t reach = std::min<std::size_t>(kLength / 3 / bin, 1600);
    double worst = 0;
    for (std::size_t k = 1; k <= reach; ++k) {
      worst = std::max(worst, std::abs(test::decibels(sizes[k * bin] / sizes[bin] * static_cast<double>(k))));
    }
    EXPECT_LT(worst, kLimit) << "dB off, at " << bin * 48000.0 / kLength << " Hz of 48 kHz";
  }
}

TEST(PeriodicWave, BasicWavesAreNormalizedToOneWithGibbsPeaks) {
  // The partial sums overshoot by Si(π)·2/π: the square's plateau and the sawtooth's slope are lower by that factor.
  constexpr double kOvershoot = 1.1789797;
  const auto square = basicWaves().square().band(1e6);
  EXPECT_NEAR(square.at(phaseOf(0.25)), 1 / kOvershoot, 1e-3);
  EXPECT_NEAR(square.at(phaseOf(-0.25)), -1 / kOvershoot, 1e-3);
  EXPECT_NEAR(basicWaves().sawtooth().band(1e6).at(phaseOf(0.25)), 0.5 / kOvershoot, 1e-3);
  EXPECT_NEAR(basicWaves().triangle().band(1e6).at(phaseOf(0.25)), 1, 1e-6);
  EXPECT_NEAR(basicWaves().triangle().band(1e6).at(phaseOf(0.125)), 0.5, 1e-4);
}

TEST(PeriodicWave, FewHarmonicsAreFollowedToTheLastBits) {
  const float real[] = {5, 1, 0, 0.25f}, imag[] = {7, 1, -0.5f, 0};
  const PeriodicWave wave(real, imag, false);
  EXPECT_EQ(wave.partials(), 3u);
  const auto band = wave.band(100);
  double worst = 0;
  for (double p = -0.5; p < 0.5; p += 1 / 30011.0) {
    const double w = kTwoPi * p;
    const double expected = std::cos(w) + 0.25 * std::cos(3 * w) + std::sin(w) - 0.5 * std::sin(2 * w);
    worst = std::max(worst, std::abs(band.at(phaseOf(p)) - expected));
  }
  EXPECT_LT(worst, 4e-7) << "the constant terms must not sound";
}

TEST(PeriodicWave, NormalizationMakesThePeakOne) {
  std::mt19937_64 random(test::seed());
  std::uniform_real_distribution<float> uniform(-3, 3);
  std::vector<float> real(20), imag(14);
  for (auto& term : real) term = uniform(random);
  for (auto& term : imag) term = uniform(random);
  const PeriodicWave wave(real, imag, true);
  const auto band = wave.band(1000);
  double peak = 0;
  for (std::size_t i = 0; i < 4096; ++i) peak = std::max(peak, double{std::abs(band.at(Phase{i} << 52))});
  EXPECT_NEAR(peak, 1, 1e-6);
}

TEST(PeriodicWave, OneFactorNormalizesEveryBand) {
  // A strong tenth harmonic sets the factor; where it does not fit any more, the fundamental stays as quiet as it was.
  std::vector<float> imag(11);
  imag[1] = 1, imag[10] = 9;
  const PeriodicWave wave({}, imag, true);
  EXPECT_NEAR(wave.band(1.5).at(phaseOf(0.25)), wave.band(100).at(phaseOf(0.25)), 1e-6);
  EXPECT_LT(wave.band(1.5).at(phaseOf(0.25)), 0.11);
}

TEST(PeriodicWave, ManySamplesAreEachTheSameAsOne) {
  for (const auto& [name, wave] : basics()) {
    for (const double room : {1.5, 7.0, 8.0, 100.0, 5000.0}) {
      const auto band = wave.band(room);
      const Phase phase = phaseOf(0.4), step = phaseOf(0.5 / room);
      std::vector<float> out(137);
      {
        const transport::RealtimeScope scope;
        band.read(phase, step, out);
      }
      for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], band.at(phase + step * i)) << name << ", sample " << i << ", room " << room;
    }
  }
}

TEST(PeriodicWave, AllZeroesIsSilence) {
  const float zeros[2] = {};
  const PeriodicWave wave(zeros, zeros, true);
  EXPECT_EQ(wave.band(10).at(phaseOf(0.3)), 0);
}

TEST(PeriodicWave, EightThousandHarmonicsAreSupported) {
  std::vector<float> imag(8192);
  imag[8191] = 1;
  const PeriodicWave wave({}, imag, false);
  const auto band = wave.band(20000);
  double worst = 0;
  for (double p = 0; p < 0.01; p += 1e-6) worst = std::max(worst, std::abs(band.at(phaseOf(p)) - std::sin(8191 * kTwoPi * p)));
  EXPECT_LT(test::decibels(worst), -40) << "dB: interpolation at eight points a period";
}

TEST(PeriodicWave, AGlideThroughAllBandsHasNoSteps) {
  // At a fixed phase the value may change only as fast as partials fade: no jump when a table is exchanged.
  for (const auto& [name, wave] : basics()) {
    double previous = wave.band(3000).at(phaseOf(0.1)), worst = 0;
    for (double room = 3000; room > 1; room *= 0.9999) {
      const double value = wave.band(room).at(phaseOf(0.1));
      worst = std::max(worst, std::abs(value - previous));
      previous = value;
    }
    EXPECT_LT(test::decibels(worst), -60) << "dB, the greatest step of " << name;
  }
}

TEST(PeriodicWave, NoPartialReachesNyquist) {
  for (const auto& [name, wave] : basics()) {
    for (double room = 1; room < 4000; room *= 1.013) {
      const auto band = wave.band(room);
      EXPECT_LE(band.high->partials(), room) << name;
      EXPECT_LE(band.low->partials(), band.high->partials()) << name;
    }
  }
}

TEST(PeriodicWave, APartialFadesByTheLogarithmWithinTheThirdOfAnOctaveBelowNyquist) {
  // The 16th partial alone, at rooms of 16 · 2^(x/3): whole from x = 1 on.
  std::vector<float> imag(17);
  imag[16] = 1;
  const PeriodicWave wave({}, imag, false);
  const auto size = [&](double room) { return std::abs(wave.band(room).at(phaseOf(0.25 / 16))); };
  EXPECT_EQ(size(15.99), 0);
  for (const double x : {0.0, 0.25, 0.5, 0.9}) EXPECT_NEAR(size(16 * std::exp2(x / 3)), x, 1e-5) << "at x = " << x;
  EXPECT_NEAR(size(16 * std::exp2(1.01 / 3)), 1, 1e-5);
  EXPECT_NEAR(size(5000), 1, 1e-5);
}

TEST(PeriodicWave, TheFundamentalFadesTowardsNyquist) {
  const float imag[] = {0, 1};
  const PeriodicWave wave({}, imag, false);
  EXPECT_NEAR(wave.band(std::exp2(0.5 / 3)).at(phaseOf(0.25)), 0.5, 1e-6);
  EXPECT_NEAR(wave.band(1).at(phaseOf(0.25)), 0, 1e-6);
}

TEST(PeriodicWave, BasicWavesOfHighRatesReachDownAsFar) {
  const BasicWaves high(BasicWaves::partialsFor(96000));
  EXPECT_EQ(high.sawtooth().partials(), 8192u);
  // More partials come closer to Gibbs' peak, so that the scale is another: π/2N of it is missing from the sum of N.
  const double few = basicWaves().sawtooth().band(2).at(phaseOf(0.25)), many = high.sawtooth().band(2).at(phaseOf(0.25));   // fundamentals
  EXPECT_NEAR(few / many - 1, std::numbers::pi / 2 * (1 / 2048.0 - 1 / 8192.0) / 1.8519, 2e-5);
}

}  // namespace
}  // namespace backline::dsp
