#include "dsp/sine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace backline::dsp {
namespace {

TEST(Sine, FollowsTheMathematicalSineWithinTenToTheMinusTen) {
  double worst = 0;
  for (double cycles = -0.5; cycles <= 0.5; cycles += 1.0 / 65537) {
    worst = std::max(worst, std::abs(sine(phaseOf(cycles)) - std::sin(2 * std::numbers::pi * cycles)));
  }
  EXPECT_LT(worst, 1e-10);
}

TEST(Sine, IsExactAtTheQuarters) {
  EXPECT_EQ(sine(0), 0);
  EXPECT_EQ(static_cast<float>(sine(phaseOf(0.25))), 1.0f);
  EXPECT_EQ(static_cast<float>(sine(phaseOf(-0.25))), -1.0f);
  EXPECT_NEAR(sine(phaseOf(0.5)), 0, 1e-15);
}

TEST(Sine, StepsAddUpWithoutDriftOverAnHour) {
  // 440 Hz at 48 kHz: after an hour the phase is that of 440 · 3600 whole cycles.
  const Phase step = phaseOf(440.0 / 48000);
  const Phase phase = step * 48000ull * 3600;
  const double cyclesOff = static_cast<double>(static_cast<std::int64_t>(phase)) * 0x1p-64;
  EXPECT_LT(std::abs(cyclesOff), 1e-9);
}

TEST(Sine, ManyAreEachTheSame) {
  const Phase phase = phaseOf(0.3), step = phaseOf(0.0123);
  std::vector<float> out(137);
  sines(phase, step, out);
  for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], static_cast<float>(sine(phase + step * i))) << "sample " << i;
}

TEST(Sine, HalfACycleIsTheSamePhaseInBothDirections) {
  EXPECT_EQ(phaseOf(0.5), phaseOf(-0.5));
  EXPECT_EQ(phaseOf(-0.125), Phase{0} - phaseOf(0.125));
}

}  // namespace
}  // namespace backline::dsp
