#include "dsp/timeline.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/dsp/automation.h"

namespace backline::test {
namespace {

TEST(Timeline, WithoutEventsIsItsInitialValueAndConstant) {
  Automation param(0.25f);
  float out[4] = {9, 9, 9, 9};
  EXPECT_TRUE(param.timeline().process(0, out));
  EXPECT_EQ(out[0], 0.25f);
  EXPECT_EQ(out[1], 9) << "only the first value of a constant stretch is written";
}

TEST(Timeline, SetValueSoundsFromTheFirstFrameAtOrAfterItsTime) {
  Automation param(0);
  param.setValueAt(1, 10);
  param.setValueAt(2, 20.25);
  const auto out = param.play(32);
  EXPECT_EQ(out[9], 0);
  EXPECT_EQ(out[10], 1);
  EXPECT_EQ(out[20], 1);
  EXPECT_EQ(out[21], 2);
  EXPECT_EQ(out[31], 2);
}

TEST(Timeline, LinearRampRunsFromThePreviousEventToItsOwn) {
  Automation param(5);
  param.setValueAt(1, 100.5);
  param.linearTo(3, 300);
  const auto out = param.play(400);
  EXPECT_EQ(out[100], 5);
  EXPECT_LT(worstError(out, 101, 300, [](double f) { return 1 + 2 * (f - 100.5) / 199.5; }), 2.4e-7);
  EXPECT_EQ(out[300], 3);
  EXPECT_EQ(out[399], 3);
}

TEST(Timeline, ALinearRampIsItsBeginningAndARampFromZeroInFloats) {
  for (const float from : {-100.0f, -24.0f, 1.0f, 0.5f}) {
    Automation whole(0), rise(0);
    whole.setValueAt(from, 0);
    whole.linearTo(from + 64, 999);
    rise.setValueAt(0, 0);
    rise.linearTo(from + 64 - from, 999);
    const auto out = whole.play(999), added = rise.play(999);
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], from + added[i]) << "from " << from << ", frame " << i;
  }
}

TEST(Timeline, ExponentialRampMultipliesEvenly) {
  Automation param(0);
  param.setValueAt(1, 0);
  param.exponentialTo(0.001f, 1000);
  const auto out = param.play(1100);
  EXPECT_LT(worstError(out, 0, 1000, [](double f) { return std::pow(0.001f, f / 1000); }), 6e-8);
  EXPECT_EQ(out[1000], 0.001f);
}

TEST(Timeline, ExponentialRampAcrossZeroHoldsUntilItsEnd) {
  for (const float from : {0.0f, -2.0f}) {
    Automation param(0);
    param.setValueAt(from, 0);
    param.exponentialTo(1, 100);
    const auto out = param.play(128);
    EXPECT_EQ(worstError(out, 0, 100, [&](double) { return from; }), 0) << "from " << from;
    EXPECT_EQ(out[100], 1);
  }
}

TEST(Timeline, ARampWithoutAnEventBeforeItStartsFromTheValueWhenItWasInserted) {
  Automation param(0.5f);
  param.play(256);
  param.linearTo(1.5f, 512);
  const auto out = param.play(512);
  EXPECT_LT(worstError(out, 0, 256, [](double f) { return 0.5 + f / 256; }), 1.3e-7);
  EXPECT_EQ(out[256], 1.5f);
}

TEST(Timeline, ARampAfterAPassedEventStartsAtThatEvent) {
  Automation param(0);
  param.setValueAt(1, 0);
  param.play(500);
  param.linearTo(2, 1000);
  const auto out = param.play(500);
  EXPECT_LT(worstError(out, 0, 500, [](double f) { return 1 + (f + 500) / 1000; }), 1.3e-7);
}

TEST(Timeline, SetTargetApproachesFromTheValueAtItsStart) {
  Automation param(1);
  param.targetAt(0.25f, 10.5, 50);
  const auto out = param.play(600);
  EXPECT_EQ(out[10], 1);
  EXPECT_LT(worstError(out, 11, 600, [](double f) { return 0.25 + 0.75 * std::exp(-(f - 10.5) / 50); }), 6e-8);
}

TEST(Timeline, SetTargetWithNoTimeConstantJumps) {
  Automation param(1);
  param.targetAt(3, 10, 0);
  const auto out = param.play(20);
  EXPECT_EQ(out[9], 1);
  EXPECT_EQ(out[10], 3);
}

TEST(Timeline, ASetTargetThatHasArrivedIsHandedBackAndConstant) {
  Automation param(1);
  param.targetAt(0.5f, 0, 10);
  param.play(1024);
  EXPECT_FALSE(param.timeline().hasEvents());
  EXPECT_EQ(param.lent(), 0u);
  float out[8];
  EXPECT_TRUE(param.timeline().process(1024, out));
  EXPECT_EQ(out[0], 0.5f);
}

TEST(Timeline, ASetTargetTowardsZeroEndsWithoutDenormals) {
  Automation param(1);
  param.targetAt(0, 0, 10);
  const auto out = param.play(2048);
  for (const float value : out) ASSERT_TRUE(value == 0 || value >= std::numeric_limits<float>::min()) << value;
  EXPECT_EQ(out.back(), 0);
  EXPECT_FALSE(param.timeline().hasEvents());
}

TEST(Timeline, ARampReplacesASetTargetThatHasNotBegun) {
  Automation param(1);
  param.targetAt(9, 100, 50);
  param.linearTo(3, 300);
  const auto out = param.play(400);
  EXPECT_EQ(out[99], 1);
  EXPECT_LT(worstError(out, 100, 300, [](double f) { return 1 + 2 * (f - 100) / 200; }), 2.5e-7);
}

TEST(Timeline, ARampAddedToARunningSetTargetStartsFromItsValueNow) {
  Automation param(1);
  param.targetAt(0, 0, 100);
  param.play(128);
  param.linearTo(1, 256);
  const auto out = param.play(256);
  const double from = std::exp(-1.28);
  EXPECT_LT(worstError(out, 0, 128, [&](double f) { return from + (1 - from) * f / 128; }), 1.3e-7);
  EXPECT_EQ(out[128], 1);
}

TEST(Timeline, ACancelledRampGivesTheSetTargetBack) {
  Automation param(1);
  param.targetAt(0, 0, 100);
  param.play(128);
  param.linearTo(1, 512);
  param.play(128);
  param.cancel(300);
  const auto out = param.play(128);
  EXPECT_LT(worstError(out, 0, 128, [&](double f) { return std::exp(-(f + 256) / 100); }), 6e-8);
}

TEST(Timeline, ACurveInterpolatesItsValuesAndEndsExactly) {
  Automation param(7);
  param.curveAt({0, 1, 0.5f, 2}, 10, 300);
  const auto out = param.play(400);
  EXPECT_EQ(out[9], 7);
  EXPECT_EQ(out[10], 0);
  EXPECT_EQ(out[60], 0.5f);
  EXPECT_EQ(out[110], 1);
  EXPECT_EQ(out[160], 0.75f);
  EXPECT_EQ(out[210], 0.5f);
  EXPECT_EQ(out[310], 2);
  EXPECT_EQ(out[399], 2);
  EXPECT_FALSE(param.timeline().hasEvents());
}

TEST(Timeline, ARampAfterACurveStartsAtTheCurvesEnd) {
  Automation param(0);
  param.curveAt({1, 2}, 0, 100.5);
  param.linearTo(4, 200.5);
  const auto out = param.play(256);
  EXPECT_LT(worstError(out, 0, 101, [](double f) { return 1 + f / 100.5; }), 1.3e-7);
  EXPECT_LT(worstError(out, 101, 201, [](double f) { return 2 + 2 * (f - 100.5) / 100; }), 2.5e-7);
  EXPECT_EQ(out[201], 4);
}

TEST(Timeline, EventsAtOneTimeTakeEffectInTheOrderOfTheirInsertion) {
  Automation param(0);
  param.setValueAt(1, 0);
  param.linearTo(2, 256);
  param.setValueAt(99, 256);
  param.exponentialTo(3, 256);
  const auto out = param.play(400);
  EXPECT_EQ(out[255], static_cast<float>(1 + 255 / 256.0));
  for (std::size_t i = 256; i < 400; ++i) ASSERT_EQ(out[i], 3) << "frame " << i;
}

TEST(Timeline, ASetTargetAtTheEndOfARampStartsFromTheLastEventThere) {
  Automation param(0);
  param.setValueAt(1, 0);
  param.linearTo(3, 256);
  param.setValueAt(100, 256);
  param.targetAt(0, 256, 1638.4);
  const auto out = param.play(600);
  EXPECT_EQ(out[256], 100);
  double worst = 0;
  for (std::size_t i = 256; i < 600; ++i) {
    const double expected = 100 * std::exp(-(static_cast<double>(i) - 256) / 1638.4);
    worst = std::max(worst, std::abs(out[i] - expected) / expected);
  }
  EXPECT_LT(worst, 1e-7) << "relative";
}

TEST(Timeline, PassedEventsAreHandedBackWhileLaterOnesStay) {
  Automation param(0);
  for (int i = 0; i < 100; ++i) param.setValueAt(static_cast<float>(i), 10 * i);
  param.play(501, 137);
  EXPECT_EQ(param.lent(), 49u);
  param.play(500);
  EXPECT_EQ(param.lent(), 0u);
}

TEST(Timeline, ARampToAHugeTimeStaysFinite) {
  for (const bool linear : {true, false}) {
    Automation param(1);
    param.setValueAt(1, 0.1);
    linear ? param.linearTo(0.1f, 1e300) : param.exponentialTo(0.1f, 1e300);
    for (const float value : param.play(256)) ASSERT_EQ(value, 1);
  }
}

TEST(Timeline, AssignedValuesCountAtOnce) {
  Automation param(1);
  param.play(128);
  param.timeline().setValue(0.25f);
  EXPECT_EQ(param.timeline().value(), 0.25f);
  EXPECT_EQ(param.play(1)[0], 0.25f);
}

TEST(Timeline, ASetTargetIsNotCutShortByAnEventBetweenFrames) {
  // It arrives, to the last bit, between the next event's time and the frame after it: what follows starts from the value at that time.
  int decided = 0;
  for (double end = 170; end < 190; end += 0.0625) {
    Automation whole(1), single(1);
    for (Automation* param : {&whole, &single}) {
      param->targetAt(0.5f, 0, 10);
      param->targetAt(1e7f, end, 1e9);
    }
    const auto expected = whole.play(400, 400), actual = single.play(400, 1);
    EXPECT_EQ(actual, expected) << "next event at frame " << end;
    decided += end != std::floor(end);
  }
  EXPECT_GT(decided, 0);
}

TEST(Timeline, ARampOfLessThanARoundingIsARampWhereAFrameLiesWithinIt) {
  Automation tiny(0);
  tiny.setValueAt(10, 0);
  tiny.linearTo(1e30f, 1e-40);
  EXPECT_EQ(tiny.play(2), (std::vector<float>{10, 1e30f})) << "frame 0 is the ramp's beginning";

  Automation across(0);
  across.setValueAt(2, 1 - 0x1p-53);
  across.linearTo(8, 1 + 0x1p-52);
  EXPECT_EQ(across.play(4), (std::vector<float>{0, 4, 8, 8})) << "frame 1 is a third of the way";

  Automation before(0);
  before.setValueAt(2, 1 - 3e-10);
  before.linearTo(8, 1 - 1e-10);
  EXPECT_EQ(before.play(2), (std::vector<float>{0, 8})) << "no frame within: over at the frame that both are meant for";
}

TEST(Timeline, AnEventExactlyAtTheEndOfACurveIsNeverLost) {
  for (int start = 1; start < 400; ++start) {
    for (const float rate : {44100.0f, 48000.0f}) {
      Automation param(0, rate);
      param.curveAt({1, 2}, start * 0.7, start * 0.3);
      param.setValueAt(5, start * 0.7 + start * 0.3);
      EXPECT_EQ(param.play(1024).back(), 5) << "curve from frame " << start * 0.7 << " at " << rate << " Hz";
    }
  }
}

TEST(Timeline, AGraphShiftedByWholeFramesGivesTheSameSamples) {
  const auto build = [](Automation& param, double at) {
    param.setValueAt(0.1f, at);
    param.linearTo(1, at + 333.3);
    param.exponentialTo(0.01f, at + 1000.7);
    param.targetAt(0.5f, at + 1200.2, 77);
    param.curveAt({0, 1, -1, 0.3f}, at + 2000.1, 555.5);
  };
  Automation here(0, 48000), there(0, 48000);
  build(here, 0);
  const std::uint64_t shift = 24064;
  build(there, shift);
  there.play(shift);
  EXPECT_EQ(here.play(3000), there.play(3000));
}

}  // namespace
}  // namespace backline::test
