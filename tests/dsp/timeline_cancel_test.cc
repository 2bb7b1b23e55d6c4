#include <gtest/gtest.h>

#include <cmath>

#include "tests/dsp/automation.h"

namespace backline::test {
namespace {

TEST(TimelineCancel, RemovesEventsAtAndAfterTheTime) {
  Automation param(0);
  param.setValueAt(1, 10);
  param.setValueAt(2, 20);
  param.setValueAt(3, 30);
  param.cancel(20);
  const auto out = param.play(40);
  EXPECT_EQ(out[9], 0);
  EXPECT_EQ(out[39], 1);
  EXPECT_EQ(param.lent(), 0u);
}

TEST(TimelineCancel, ARampUnderWayGivesTheValueBeforeItBack) {
  Automation param(0);
  param.setValueAt(0.5f, 0);
  param.linearTo(10, 1000);
  param.play(512);
  param.cancel(600);
  EXPECT_EQ(param.play(1)[0], 0.5f);
}

TEST(TimelineCancel, ACurveUnderWayIsRemovedWhole) {
  Automation param(0);
  param.setValueAt(0.5f, 0);
  param.setValueAt(1.5f, 2000);
  param.curveAt({1, -1}, 2000, 2000);
  param.setValueAt(99, 4000);
  param.cancel(2400);
  param.setValueAt(3, 3000);
  const auto out = param.play(5000);
  EXPECT_EQ(worstError(out, 0, 2000, [](double) { return 0.5; }), 0);
  EXPECT_EQ(worstError(out, 2000, 3000, [](double) { return 1.5; }), 0);
  EXPECT_EQ(worstError(out, 3000, 5000, [](double) { return 3.0; }), 0);
}

TEST(TimelineCancel, ACurveThatSoundsAlreadyGivesTheValueBeforeItBack) {
  Automation param(0.25f);
  param.curveAt({1, 2}, 100, 1000);
  param.play(256);
  param.cancel(300);
  EXPECT_EQ(param.play(1)[0], 0.25f);
  EXPECT_EQ(param.lent(), 0u);
}

TEST(TimelineCancel, ACurveCountsUpToItsEndAndNotBeyond) {
  for (const double time : {1000.0, 1000.5}) {
    Automation param(0.25f);
    param.curveAt({1, 2}, 0, 1000);
    param.cancel(time);
    EXPECT_EQ(param.play(2000).back(), time == 1000 ? 0.25f : 2);
  }
}

TEST(TimelineCancel, ASetTargetThatStartedEarlierGoesOn) {
  Automation param(1);
  param.targetAt(0, 0, 100);
  param.setValueAt(7, 500);
  param.play(128);
  param.cancel(200);
  const auto out = param.play(512);
  EXPECT_LT(worstError(out, 0, 512, [](double f) { return std::exp(-(f + 128) / 100); }), 6e-8);
}

TEST(TimelineCancel, RemovesAHoldThatLiesLater) {
  Automation param(0);
  param.setValueAt(1, 0);
  param.curveAt({2, 3}, 100, 400);
  param.hold(300);
  param.cancel(200);
  EXPECT_EQ(param.play(600).back(), 1);
}

TEST(TimelineHold, ARampIsCutAtItsValueThere) {
  for (const bool linear : {true, false}) {
    Automation whole(0), cut(0);
    for (Automation* param : {&whole, &cut}) {
      param->setValueAt(1, 0);
      linear ? param->linearTo(0.001f, 1000) : param->exponentialTo(0.001f, 1000);
      param->setValueAt(5, 1100);
    }
    cut.hold(600);
    const auto original = whole.play(1200), held = cut.play(1200);
    double worst = 0;
    for (std::size_t i = 0; i < 600; ++i) worst = std::max(worst, double{std::abs(original[i] - held[i])});
    EXPECT_LT(worst, 1e-7);
    for (std::size_t i = 600; i < 1200; ++i) ASSERT_EQ(held[i], original[600]) << "frame " << i;
  }
}

TEST(TimelineHold, ARampUnderWayKeepsItsOrigin) {
  Automation param(0.5f);
  param.play(128);
  param.linearTo(1.5f, 1128);
  param.play(128);
  param.hold(628.5);
  const auto out = param.play(1000);
  EXPECT_LT(worstError(out, 0, 372, [](double f) { return 0.5 + (f + 128) / 1000; }), 1.3e-7);
  EXPECT_NEAR(out[999], 1.0005, 1.3e-7);
}

TEST(TimelineHold, ASetTargetIsHeldAtItsValueThere) {
  Automation param(1);
  param.targetAt(0, 100, 200);
  param.setValueAt(8, 900);
  param.hold(500.5);
  const auto out = param.play(1000);
  EXPECT_LT(worstError(out, 100, 501, [](double f) { return std::exp(-(f - 100) / 200); }), 6e-8);
  EXPECT_LT(worstError(out, 501, 1000, [](double) { return std::exp(-400.5 / 200); }), 6e-8);
}

TEST(TimelineHold, ACurveIsCutWithoutBeingResampled) {
  Automation whole(0), cut(0);
  for (Automation* param : {&whole, &cut}) param->curveAt({0, 1, 0, 1, 0.3f}, 50, 777);
  cut.hold(400);
  const auto original = whole.play(1000), held = cut.play(1000);
  for (std::size_t i = 0; i <= 400; ++i) ASSERT_EQ(held[i], original[i]) << "frame " << i;
  for (std::size_t i = 400; i < 1000; ++i) ASSERT_EQ(held[i], original[400]) << "frame " << i;
}

TEST(TimelineHold, AfterTheEndOfACurveChangesNothing) {
  Automation param(0);
  param.curveAt({0, 1}, 50, 100);
  param.setValueAt(5, 600);
  param.hold(500);
  const auto out = param.play(1000);
  EXPECT_EQ(worstError(out, 150, 1000, [](double) { return 1.0; }), 0);
}

TEST(TimelineHold, AnEventThatBeginsExactlyThereDoesNotBegin) {
  Automation target(0.5f), curve(0.5f);
  target.targetAt(0, 500, 100);
  target.hold(500);
  curve.curveAt({-1, 1}, 500, 100);
  curve.hold(500);
  for (const float value : target.play(1000)) ASSERT_EQ(value, 0.5f);
  for (const float value : curve.play(1000)) ASSERT_EQ(value, 0.5f);
}

TEST(TimelineHold, EventsToComeAreRemovedAndTheRestStays) {
  Automation param(0);
  param.setValueAt(0.5f, 0);
  param.targetAt(0, 750, 100);
  param.setValueAt(3, 900);
  param.hold(500);
  for (const float value : param.play(1000)) ASSERT_EQ(value, 0.5f);
  EXPECT_EQ(param.lent(), 0u);
}

TEST(TimelineHold, ARampInsertedAfterwardsStartsAtTheHold) {
  Automation param(0);
  param.setValueAt(1, 0);
  param.linearTo(0, 1000);
  param.hold(500);
  param.linearTo(2, 600);
  const auto out = param.play(700);
  EXPECT_LT(worstError(out, 500, 600, [](double f) { return 0.5 + 1.5 * (f - 500) / 100; }), 1.3e-7);
  EXPECT_EQ(out[600], 2);
}

TEST(TimelineHold, BlankEventsAllComeBack) {
  Automation param(0);
  param.hold(10);
  EXPECT_EQ(param.lent(), 0u);
  param.targetAt(1, 0, 1000);
  param.hold(100);
  EXPECT_EQ(param.lent(), 2u) << "the setTarget and its hold";
  param.play(128);
  EXPECT_EQ(param.lent(), 0u);
}

}  // namespace
}  // namespace backline::test
