#include "dsp/compressor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "transport/realtime.h"

namespace backline::dsp {
namespace {

constexpr float kRate = 48000;

double decibels(double linear) { return 20 * std::log10(linear); }
float linear(double decibels) { return static_cast<float>(std::pow(10, decibels / 20)); }

std::vector<float> gains(Compressor& compressor, float level, double seconds, std::size_t chunk = Compressor::kHop) {
  std::vector<float> levels(static_cast<std::size_t>(seconds * kRate), level), out(levels.size());
  const transport::RealtimeScope scope;
  for (std::size_t at = 0; at < levels.size(); at += chunk) compressor.process(levels.data() + at, out.data() + at, std::min(chunk, levels.size() - at));
  return out;
}

/// Seconds until a value is at least (or, falling, at most) `limit`.
double timeTo(const std::vector<float>& values, float limit, bool rising) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (rising ? values[i] >= limit : values[i] <= limit) return static_cast<double>(i) / static_cast<double>(kRate);
  return std::numeric_limits<double>::infinity();
}

TEST(CompressionCurve, IsTheIdentityUpToTheThreshold) {
  const CompressionCurve curve(-24, 30, 12);
  for (const double level : {-100.0, -60.0, -24.01}) EXPECT_FLOAT_EQ(curve(linear(level)), linear(level)) << level << " dB";
}

TEST(CompressionCurve, WithoutAKneeIsAStraightLineOfTheRatio) {
  for (const float ratio : {1.0f, 2.0f, 12.0f, 20.0f}) {
    const CompressionCurve curve(-30, 0, ratio);
    for (double level = -30; level <= 20; level += 5)
      EXPECT_NEAR(decibels(curve(linear(level))), -30 + (level + 30) / ratio, 0.001) << level << " dB at " << ratio << ":1";
  }
}

TEST(CompressionCurve, IsContinuousAndRisesAndItsSlopeEndsAtTheRatio) {
  for (const float threshold : {-100.0f, -50.0f, -24.0f, 0.0f}) {
    for (const float knee : {5.0f, 30.0f, 40.0f}) {
      for (const float ratio : {2.0f, 12.0f, 20.0f}) {
        const CompressionCurve curve(threshold, knee, ratio);
        double last = decibels(curve(linear(threshold - 10.0))), most = 0;
        constexpr double kStep = 0.05;
        for (double level = threshold - 10 + kStep; level < threshold + knee + 20; level += kStep) {
          const double now = decibels(curve(linear(level)));
          EXPECT_GE(now, last - 1e-4) << level << " dB";
          most = std::max(most, now - last);
          last = now;
        }
        EXPECT_LT(most, kStep * 1.05) << "dB jump, threshold " << threshold << ", knee " << knee << ", ratio " << ratio;
        const double end = threshold + knee;
        const double before = decibels(curve(linear(end))) - decibels(curve(linear(end - 0.1)));
        const bool inRange = threshold < 0 && threshold > -100;   // of what k may be
        if (inRange) {
          EXPECT_NEAR(before / 0.1, 1 / ratio, 0.05) << "slope at the end of the knee, threshold " << threshold << ", knee " << knee << ", ratio " << ratio;
        }
        const double beyond = decibels(curve(linear(end + 20))) - decibels(curve(linear(end)));
        EXPECT_NEAR(beyond, 20 / ratio, 0.01);
      }
    }
  }
}

TEST(CompressionCurve, MakesUpForAFullScaleLevelToThePowerOfThreeFifths) {
  const CompressionCurve curve(-20, 0, 4);
  EXPECT_NEAR(decibels(curve.makeupGain()), 0.6 * 15, 0.001);
  EXPECT_NEAR(CompressionCurve(-20, 10, 1).makeupGain(), 1, 0.005);
}

TEST(Compressor, ASteadyLevelComesToTheCurve) {
  for (const double level : {-70.0, -30.0, -20.0, -10.0, 0.0, 6.0}) {
    Compressor compressor(kRate);
    const CompressionCurve curve(-24, 30, 12);
    const double gain = decibels(gains(compressor, linear(level), 4).back());
    EXPECT_NEAR(gain, decibels(curve.gainAt(linear(level))) + decibels(curve.makeupGain()), 0.1) << "dB at " << level << " dB";
  }
}

TEST(Compressor, AttacksByTenDecibelsWithinTheAttackTime) {
  double last = 0;
  for (const float attack : {0.01f, 0.1f, 0.4f}) {
    Compressor compressor(kRate);
    compressor.set({.threshold = -50, .knee = 0, .ratio = 20, .attack = attack, .release = 0.1f});
    const float open = gains(compressor, 0, 3).back();
    const double took = timeTo(gains(compressor, 1, 2), open * linear(-10), false);
    EXPECT_LE(took, static_cast<double>(attack) + 0.002) << "seconds";
    EXPECT_GT(took, static_cast<double>(attack) / 10) << "seconds";
    EXPECT_GT(took, 2.5 * last) << "seconds: a longer attack took no longer";
    last = took;
  }
}

TEST(Compressor, ReleasesTheFasterTheFurtherItHasToRise) {
  for (const float release : {0.1f, 0.25f, 1.0f}) {
    Compressor compressor(kRate);
    compressor.set({.threshold = -60, .knee = 0, .ratio = 20, .attack = 0.003f, .release = release});
    const float low = gains(compressor, 1, 3).back();
    const auto rising = gains(compressor, 0, 6);
    const double first = timeTo(rising, low * linear(10), true);
    // Between 9 and 98 % of the release time for each 5 dB; the detector lets go first.
    EXPECT_GT(first, 0.18 * static_cast<double>(release)) << "seconds";
    EXPECT_LT(first, 1.96 * static_cast<double>(release) + 0.1) << "seconds";
    const float open = rising.back();
    const double slow = timeTo(rising, open * linear(-1), true) - timeTo(rising, open * linear(-6), true);
    const double fast = timeTo(rising, low * linear(15), true) - first;
    EXPECT_GT(slow, 2 * fast) << "seconds for the last 5 dB against 5 at the depth";
  }
}

TEST(Compressor, IsTheSameWhateverTheChunks) {
  Compressor whole(kRate), pieces(kRate);
  for (const float level : {0.5f, 0.01f, 1.0f, 0.0f}) {
    EXPECT_EQ(gains(whole, level, 0.1, 32), gains(pieces, level, 0.1, 7));
  }
}

TEST(Compressor, ForgetsLevelsThatAreNoNumbers) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), std::numeric_limits<float>::max()}) {
    Compressor compressor(kRate), healthy(kRate);
    gains(compressor, bad, 0.01);
    const auto after = gains(compressor, 0.5f, 3), wanted = gains(healthy, 0.5f, 3);
    EXPECT_NEAR(decibels(after.back()), decibels(wanted.back()), 0.1) << "after " << bad;
    EXPECT_LE(compressor.reduction(), 0);
  }
}

TEST(Compressor, MetersTheGainWithoutItsMakeUp) {
  Compressor compressor(kRate);
  EXPECT_EQ(compressor.reduction(), 0);
  const CompressionCurve curve(-24, 30, 12);
  gains(compressor, 1, 3);
  EXPECT_NEAR(compressor.reduction(), decibels(curve.gainAt(1)), 0.1);
  gains(compressor, 0, 5);
  EXPECT_NEAR(compressor.reduction(), 0, 0.05);
}

}  // namespace
}  // namespace backline::dsp
