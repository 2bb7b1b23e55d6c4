#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "render/nodes/list.h"
#include "render/periodic_wave_resource.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using render::Activity;

constexpr float kRate = 44100;
constexpr double kTwoPi = 2 * std::numbers::pi;
enum Param { kFrequency, kDetune };
enum FieldPlace { kType, kPeriodicWave };
enum Type { kSine, kSquare, kSawtooth, kTriangle, kCustom };

NodeHarness oscillator(double type, float frequency, std::uint32_t quantum = 128, float rate = kRate) {
  NodeHarness node(render::kOscillator, rate, quantum);
  node.field(kType, type).param(kFrequency, frequency).start(0);
  return node;
}

TEST(Oscillator, ASineIsTheSineOfItsPhaseToAFloatsPrecision) {
  for (const float frequency : {100.0f, -100.0f, 2.0f, 1.0f, 440.0f, 12345.678f, 22049.0f}) {
    for (const auto quantum : kQuanta) {
      const auto out = oscillator(kSine, frequency, quantum).play(2048);
      double worst = 0;
      for (std::size_t i = 0; i < out.size(); ++i) {
        worst = std::max(worst, std::abs(out[i] - std::sin(kTwoPi * frequency / kRate * static_cast<double>(i))));
      }
      EXPECT_LT(worst, 6.1e-8) << frequency << " Hz, quantum " << quantum;
    }
  }
}

TEST(Oscillator, ACustomWaveFollowsItsSeriesWithinHalfAMillionth) {
  const float terms[] = {0, 1};
  const render::PeriodicWaveResource wave(dsp::PeriodicWave(terms, terms, false));
  for (const float frequency : {100.0f, 1.0f}) {
    NodeHarness node = oscillator(kCustom, frequency);
    node.field(kPeriodicWave, &wave);
    const auto out = node.play(256);
    double worst = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double w = kTwoPi * frequency / kRate * static_cast<double>(i);
      worst = std::max(worst, std::abs(out[i] - std::cos(w) - std::sin(w)));
    }
    EXPECT_LT(worst, 4.7684e-7) << frequency << " Hz";
  }
}

TEST(Oscillator, TheSamplesDoNotDependOnTheQuantum) {
  for (const double type : {kSine, kSquare, kSawtooth, kTriangle}) {
    const auto glide = [](double frame) { return static_cast<float>(200 + frame); };
    NodeHarness reference = oscillator(type, 0);
    reference.param(kFrequency, glide).start(33.3);
    const auto expected = reference.play(4096);
    for (const auto quantum : kQuanta) {
      NodeHarness node = oscillator(type, 0, quantum);
      node.param(kFrequency, glide).start(33.3);
      EXPECT_EQ(node.play(4096), expected) << "type " << type << ", quantum " << quantum;
    }
  }
}

TEST(Oscillator, StartsWithPhaseZeroBetweenFrames) {
  for (const double start : {33.1, 33.9, 500.5}) {
    NodeHarness node = oscillator(kSine, 1000);
    node.start(start);
    const auto out = node.play(1024);
    double worst = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double frame = static_cast<double>(i);
      worst = std::max(worst, std::abs(out[i] - (frame < start ? 0 : std::sin(kTwoPi * 1000 / kRate * (frame - start)))));
    }
    EXPECT_LT(worst, 6.1e-8) << "start at frame " << start;
  }
}

TEST(Oscillator, AStartInThePastBeginsWithPhaseZeroNow) {
  NodeHarness node = oscillator(kSine, 1000);
  node.skipTo(12800);
  const auto out = node.play(128);
  EXPECT_EQ(out[0], 0);
  EXPECT_NEAR(out[1], std::sin(kTwoPi * 1000 / kRate), 6.1e-8);
}

TEST(Oscillator, FrequencyAndDetuneAreFollowedSampleBySample) {
  NodeHarness node = oscillator(kSine, 0);
  const auto frequency = [](double frame) { return static_cast<float>(300 + frame / 8); };
  const auto detune = [](double frame) { return static_cast<float>(1200 * std::sin(frame / 500)); };
  node.param(kFrequency, frequency).param(kDetune, detune);
  const auto out = node.play(20000);
  double phase = 0, worst = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    worst = std::max(worst, std::abs(out[i] - std::sin(kTwoPi * phase)));
    const auto frame = static_cast<double>(i);
    phase += frequency(frame) * std::exp2(detune(frame) / 1200.0) / kRate;
  }
  EXPECT_LT(worst, 1e-7);
}

TEST(Oscillator, TheComputedFrequencyIsClampedToNyquistWhereNothingSounds) {
  for (const double type : {kSine, kSquare, kSawtooth, kTriangle}) {
    for (const float sign : {1.0f, -1.0f}) {
      NodeHarness node = oscillator(type, sign * 440);
      node.param(kDetune, 153600.0f);
      for (const float sample : node.play(256)) ASSERT_EQ(sample, 0);
    }
    for (const float sample : oscillator(type, kRate / 2).play(256)) ASSERT_EQ(sample, 0);
  }
}

TEST(Oscillator, ADetuneGlideFallsSilentAtTheFrameThatReachesNyquist) {
  NodeHarness node = oscillator(kSine, 1);
  node.param(kDetune, [](double frame) { return static_cast<float>(1e7 * frame / 2756.25); });
  const auto out = node.play(5512);
  const double critical = 1200 * std::log2(kRate / 2) / 1e7 * 2756.25;
  const auto first = static_cast<std::size_t>(std::ceil(critical));
  EXPECT_GT(std::abs(out[first - 1]), 0);
  for (std::size_t i = first; i < out.size(); ++i) ASSERT_EQ(out[i], 0) << "frame " << i;
}

TEST(Oscillator, ChangingTheTypeKeepsThePhase) {
  NodeHarness node = oscillator(kTriangle, 441);
  node.play(128);
  node.field(kType, kSine);
  const auto out = node.play(128);
  double worst = 0;
  for (std::size_t i = 0; i < 128; ++i) {
    worst = std::max(worst, std::abs(out[i] - std::sin(kTwoPi * 0.01 * static_cast<double>(i + 128))));
  }
  EXPECT_LT(worst, 6.1e-8);
}

TEST(Oscillator, BasicWavesAreOddAndRiseAtTimeZero) {
  for (const double type : {kSine, kSquare, kSawtooth, kTriangle}) {
    const auto forward = oscillator(type, 100).play(400), backward = oscillator(type, -100).play(400);
    EXPECT_NEAR(forward[0], 0, 1e-6) << "type " << type;
    EXPECT_GT(forward[5], 0.01) << "type " << type;
    for (std::size_t i = 0; i < 400; ++i) ASSERT_NEAR(forward[i], -backward[i], 2e-6) << "type " << type << ", frame " << i;
  }
}

TEST(Oscillator, IsSilentAroundItsStartAndStopAndThenFinished) {
  for (const auto quantum : kQuanta) {
    NodeHarness node = oscillator(kSquare, 1000, quantum);
    node.start(100).stop(300);
    const auto out = node.play(600);
    for (std::size_t i = 0; i < 600; ++i) {
      if (i < 100 || i >= 300) {
        ASSERT_EQ(out[i], 0) << "frame " << i;
      }
    }
    EXPECT_NE(out[105], 0);
    EXPECT_NE(out[299], 0);
    EXPECT_TRUE(node.finished());
  }
}

TEST(Oscillator, ACustomTypeWithoutAWaveIsSilent) {
  NodeHarness node = oscillator(kCustom, 1000);
  EXPECT_EQ(node.step(), Activity::active);
  EXPECT_TRUE(node.output().silent);
  EXPECT_EQ(node.output().data[7], 0);
}

}  // namespace
}  // namespace backline::test
