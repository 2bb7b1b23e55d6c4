#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "render/curve_resource.h"
#include "render/nodes/list.h"
#include "tests/dsp/spectrum.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using render::Activity;
using Samples = std::vector<float>;

enum { kCurve, kOversample };
enum { kNone, kTwice, kFourTimes };
constexpr float kRate = 48000;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// A WaveShaperNode with a curve, as the compiler would set it up.
struct WaveShaper {
  WaveShaper(Samples points, int oversample, std::uint32_t quantum = 128) : harness(render::kWaveShaper, kRate, quantum), curve(std::move(points)) {
    std::vector<render::Field> fields(2);
    fields[kOversample].number = oversample;
    oversampling = render::kWaveShaper.prepare({kRate, quantum}, kOversample, fields);
    harness.field(kCurve, &curve).field(kOversample, oversample).field(kOversample, oversampling.get());
  }
  NodeHarness harness;
  const render::CurveResource curve;
  std::shared_ptr<render::Resource> oversampling;
};

std::function<float(std::uint32_t, double)> sine(double cyclesPerFrame, float amplitude = 1) {
  return [=](std::uint32_t, double frame) { return amplitude * static_cast<float>(std::sin(2 * std::numbers::pi * cyclesPerFrame * frame)); };
}

/// Points of f over −1 … 1.
template <class F>
Samples curveOf(std::size_t points, F f) {
  Samples curve(points);
  for (std::size_t i = 0; i < points; ++i) curve[i] = static_cast<float>(f(2 * static_cast<double>(i) / static_cast<double>(points - 1) - 1));
  return curve;
}

TEST(WaveShaper, WithoutACurvePassesEveryChannelAsItIs) {
  for (const std::uint32_t quantum : kQuanta) {
    NodeHarness harness(render::kWaveShaper, kRate, quantum);
    harness.field(kOversample, kFourTimes).input(5, [](std::uint32_t channel, double frame) { return static_cast<float>(frame) + static_cast<float>(channel) / 8; });
    EXPECT_EQ(harness.step(), Activity::active);
    ASSERT_EQ(harness.output().channels, 5);
    for (std::uint32_t c = 0; c < 5; ++c) EXPECT_EQ(harness.output().channel(c)[quantum - 1], static_cast<float>(quantum - 1) + static_cast<float>(c) / 8);
    harness.input(0, {});
    EXPECT_EQ(harness.step(), Activity::idle);
  }
}

TEST(WaveShaper, LooksUpEachSampleInTheCurve) {
  WaveShaper shaper({2, -3, 4}, kNone, 8);
  const Samples in{-1, 0, 1, -0.5f, 0.75f, -2, 7, kNaN}, expected{2, -3, 4, -0.5f, 2.25f, 2, 4};
  shaper.harness.input(2, [&](std::uint32_t, double frame) { return in[static_cast<std::size_t>(frame) % 8]; });
  EXPECT_EQ(shaper.harness.step(), Activity::active);
  for (std::uint32_t c = 0; c < 2; ++c) {
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(shaper.harness.output().channel(c)[i], expected[i]) << "at " << in[i];
    EXPECT_TRUE(std::isnan(shaper.harness.output().channel(c)[7]));
  }
}

TEST(WaveShaper, OversamplingDelaysAnIdentityBy128Or192FramesAndChangesNothingElse) {
  const auto identity = curveOf(3, [](double x) { return x; });
  const auto tone = sine(997.0 / 48000, 0.5f);
  for (const auto& [oversampling, latency] : {std::pair{kTwice, 128u}, std::pair{kFourTimes, 192u}}) {
    for (const std::uint32_t quantum : kQuanta) {
      WaveShaper shaper(identity, oversampling, quantum);
      shaper.harness.input(1, tone);
      const Samples out = shaper.harness.play(2000);
      for (std::size_t i = 600; i < out.size(); ++i) {
        const double expected = static_cast<double>(tone(0, static_cast<double>(i - latency)));
        ASSERT_LT(decibels(std::abs(static_cast<double>(out[i]) - expected)), -90) << "frame " << i << " of quanta of " << quantum;
      }
    }
  }
}

TEST(WaveShaper, PassesTheBandWithLessThanATwentiethOfADecibelOfRipple) {
  const auto identity = curveOf(3, [](double x) { return x; });
  for (const int oversampling : {kTwice, kFourTimes}) {
    WaveShaper shaper(identity, oversampling);
    shaper.harness.input(1, [](std::uint32_t, double frame) { return frame == 0 ? 1.0f : 0.0f; });
    const Samples response = shaper.harness.play(1024);
    const std::vector<double> bins = amplitudes<float>(response);
    for (std::size_t k = 1; k < bins.size(); ++k) {
      const double hertz = static_cast<double>(k) * kRate / 1024;
      const double gain = decibels(bins[k] * 512);
      if (hertz > 21500) break;
      EXPECT_LT(std::abs(gain), 0.05) << hertz << " Hz";
    }
  }
}

/// Of all that is no harmonic below half the rate, against the fundamental, in dB. The tone and its aliases fall on bins.
double aliasing(int oversampling, std::size_t bin) {
  constexpr std::size_t kLength = 4096;
  WaveShaper shaper(curveOf(4097, [](double x) { return std::tanh(4 * x); }), oversampling);
  shaper.harness.input(1, sine(static_cast<double>(bin) / kLength, 0.9f));
  const Samples out = shaper.harness.play(2 * kLength);
  const std::vector<double> bins = amplitudes(std::span<const float>(out).subspan(kLength));
  double sum = 0;
  for (std::size_t k = 1; k < bins.size() - 1; ++k)
    if (k % bin != 0) sum += bins[k] * bins[k];
  return decibels(std::sqrt(sum) / bins[bin]);
}

TEST(WaveShaper, OversamplingBringsAliasingDown) {
  const double none = aliasing(kNone, 427), twice = aliasing(kTwice, 427), four = aliasing(kFourTimes, 427);   // 5 kHz
  EXPECT_GT(none, -25);
  EXPECT_LT(twice, none - 8);
  EXPECT_LT(four, twice - 12);
  RecordProperty("aliasing_dB", std::to_string(none) + " " + std::to_string(twice) + " " + std::to_string(four));
}

TEST(WaveShaper, SoundsOnForTheTailOfItsFiltersAndIsIdleThen) {
  for (const int oversampling : {kTwice, kFourTimes}) {
    WaveShaper shaper(curveOf(3, [](double x) { return x; }), oversampling);
    shaper.harness.input(2, [](std::uint32_t channel, double) { return channel == 0 ? 0.5f : -0.25f; });
    for (int i = 0; i < 8; ++i) shaper.harness.step();
    shaper.harness.input(0, {});
    EXPECT_EQ(shaper.harness.step(), Activity::active);
    EXPECT_EQ(shaper.harness.output().channels, 2) << "the tail is of two channels";
    EXPECT_NEAR(shaper.harness.output().channel(1)[0], -0.25f, 1e-6f);
    int quanta = 1;
    while (shaper.harness.step() == Activity::active) ++quanta;
    EXPECT_EQ(quanta, oversampling == kTwice ? 2 : 3) << "of 256 and 328 frames";
    shaper.harness.input(2, [](std::uint32_t, double) { return 0.0f; });
    shaper.harness.step();
    for (std::uint32_t i = 0; i < 256; ++i) ASSERT_EQ(shaper.harness.output().data[i], 0) << "something of the past is left";
  }
  WaveShaper plain(curveOf(3, [](double x) { return x; }), kNone);
  plain.harness.input(1, sine(0.01));
  plain.harness.step();
  plain.harness.input(0, {});
  EXPECT_EQ(plain.harness.step(), Activity::idle);
}

TEST(WaveShaper, ACurveThatIsNotZeroInTheMiddleMakesSoundOfNothingWhileSomethingIsConnected) {
  WaveShaper shaper({0.5f, 0.5f, 0.5f}, kNone);
  EXPECT_EQ(shaper.harness.step(), Activity::active);
  EXPECT_EQ(shaper.harness.output().channels, 1);
  for (std::uint32_t i = 0; i < 128; ++i) ASSERT_EQ(shaper.harness.output().data[i], 0.5f);
  EXPECT_EQ(shaper.harness.connected(false).step(), Activity::idle);
  WaveShaper even({-0.25f, 0.75f}, kFourTimes);
  EXPECT_NEAR(even.harness.play(1024)[1023], 0.25f, 1e-6f);
}

TEST(WaveShaper, ANotANumberIsForgottenWithTheFilters) {
  WaveShaper shaper(curveOf(3, [](double x) { return x; }), kFourTimes);
  shaper.harness.input(1, [](std::uint32_t, double frame) { return frame == 10 ? kNaN : 0.5f; });
  const Samples out = shaper.harness.play(1024);
  EXPECT_TRUE(std::isnan(out[10 + 192]));
  for (std::size_t i = 10 + 328 + 1; i < out.size(); ++i) ASSERT_NEAR(out[i], 0.5f, 1e-6f) << "frame " << i;
}

TEST(WaveShaper, TurnsFromMonoToStereoWithoutAStepInTheChannelThatWasThereAlready) {
  WaveShaper shaper(curveOf(3, [](double x) { return x; }), kTwice);
  shaper.harness.input(1, [](std::uint32_t, double) { return 0.5f; });
  for (int i = 0; i < 8; ++i) shaper.harness.step();
  shaper.harness.input(2, [](std::uint32_t, double) { return 0.5f; });
  shaper.harness.step();
  for (std::uint32_t i = 0; i < 256; ++i) ASSERT_NEAR(shaper.harness.output().data[i], 0.5f, 1e-6f) << i;
}

}  // namespace
}  // namespace backline::test
