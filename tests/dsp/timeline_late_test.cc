#include <gtest/gtest.h>

#include "tests/dsp/automation.h"

// The render side works ahead of the time that programs see: changes may arrive for frames that have been played.

namespace backline::test {
namespace {

TEST(TimelineLate, APassedEventOlderThanTheOneThatSoundsHasNoEffect) {
  Automation param(0);
  param.setValueAt(1, 100);
  param.play(256);
  param.setValueAt(2, 50);
  EXPECT_EQ(param.play(10).back(), 1);
  EXPECT_EQ(param.lent(), 0u);
}

TEST(TimelineLate, AnEventOlderThanARunningSetTargetHasNoEffect) {
  Automation param(1), reference(1);
  for (Automation* each : {&param, &reference}) {
    each->targetAt(0, 100, 300);
    each->play(256);
  }
  param.setValueAt(2, 50);
  EXPECT_EQ(param.play(100), reference.play(100));
}

TEST(TimelineLate, ALateEventSoundsFromTheNextQuantum) {
  Automation param(0);
  param.play(256);
  param.setValueAt(2, 50);
  EXPECT_EQ(param.play(1)[0], 2);
}

TEST(TimelineLate, ALateRampHasEndedAlready) {
  Automation param(0);
  param.setValueAt(1, 0);
  param.play(256);
  param.linearTo(2, 200);
  EXPECT_EQ(param.play(1)[0], 2);
}

TEST(TimelineLate, CancellingAnEventThatJustSoundedGivesTheValueBeforeItBack) {
  Automation param(0.25f);
  param.setValueAt(1, 200);
  param.play(256);
  param.cancel(200);
  EXPECT_EQ(param.play(1)[0], 0.25f);
}

TEST(TimelineLate, HoldingARampAtAPassedFrameGoesBackToItsValueThere) {
  Automation param(0);
  param.setValueAt(0, 0);
  param.linearTo(1, 1000);
  param.play(256);
  param.hold(200);
  EXPECT_FLOAT_EQ(param.play(100).back(), 0.2f);
}

}  // namespace
}  // namespace backline::test
