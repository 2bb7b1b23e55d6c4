#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/control/fake_session.h"

namespace backline {
namespace {

using test::errorOf;
using test::FakeContext;

struct Fixture : testing::Test {
  FakeContext fake;
  std::shared_ptr<GainNode> node = fake->createGain();
  AudioParam& gain = node->gain();
};
using AudioParamTest = Fixture;

TEST_F(AudioParamTest, RefusesNegativeTimesWithARangeErrorThatNamesTheArgument) {
  EXPECT_EQ(errorOf([&] { gain.setValueAtTime(1, -0.1); }), "RangeError");
  EXPECT_EQ(errorOf([&] { gain.linearRampToValueAtTime(1, -1); }), "RangeError");
  EXPECT_EQ(errorOf([&] { gain.exponentialRampToValueAtTime(1, -1); }), "RangeError");
  EXPECT_EQ(errorOf([&] { gain.setTargetAtTime(1, -1, 1); }), "RangeError");
  EXPECT_EQ(errorOf([&] { gain.setTargetAtTime(1, 1, -1); }), "RangeError");
  EXPECT_EQ(errorOf([&] { gain.setValueCurveAtTime({0, 1}, -1, 1); }), "RangeError");
  EXPECT_EQ(errorOf([&] { gain.cancelScheduledValues(-1); }), "RangeError");
  EXPECT_EQ(errorOf([&] { gain.cancelAndHoldAtTime(-1); }), "RangeError");
  try {
    gain.linearRampToValueAtTime(1, -1);
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("endTime"), std::string::npos) << error.what();
  }
  fake->commit();
  EXPECT_EQ(fake.record->count<render::ParamEvent>(), 0u) << "a refused call was sent";
}

TEST_F(AudioParamTest, RefusesWhatIsNotFiniteWithATypeError) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(errorOf([&] { gain.setValue(nan); }), "TypeError");
  EXPECT_EQ(errorOf([&] { gain.setValueAtTime(1, infinite); }), "TypeError");
  EXPECT_EQ(errorOf([&] { gain.setValueCurveAtTime({0, nan}, 0, 1); }), "TypeError");
}

TEST_F(AudioParamTest, RefusesAnExponentialRampToZeroAndImpossibleCurves) {
  EXPECT_EQ(errorOf([&] { gain.exponentialRampToValueAtTime(0, 1); }), "RangeError");
  EXPECT_EQ(errorOf([&] { gain.setValueCurveAtTime({1}, 0, 1); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { gain.setValueCurveAtTime({0, 1}, 0, 0); }), "RangeError");
}

TEST_F(AudioParamTest, LetsNoEventFallIntoAValueCurve) {
  gain.setValueCurveAtTime({0, 1, 0}, 1, 2);
  EXPECT_EQ(errorOf([&] { gain.setValueAtTime(1, 1); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { gain.linearRampToValueAtTime(1, 2.999); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { gain.setTargetAtTime(1, 2, 0.1); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { gain.setValueAtTime(1, 3); }), "") << "the end of the curve is free";
  EXPECT_EQ(errorOf([&] { gain.setValueAtTime(1, 0.5); }), "");
}

TEST_F(AudioParamTest, LetsNoValueCurveCoverAnEvent) {
  gain.setValueAtTime(1, 2);
  EXPECT_EQ(errorOf([&] { gain.setValueCurveAtTime({0, 1}, 1, 1.5); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { gain.setValueCurveAtTime({0, 1}, 1.5, 0.5); }), "") << "it ends where the event is";
  EXPECT_EQ(errorOf([&] { gain.setValueCurveAtTime({0, 1}, 2, 1); }), "") << "it begins where the event is";
}

TEST_F(AudioParamTest, TakesAnEventAgainWhereACurveWasCancelled) {
  gain.setValueCurveAtTime({0, 1}, 1, 2);
  gain.cancelScheduledValues(1);
  EXPECT_EQ(errorOf([&] { gain.setValueAtTime(1, 2); }), "");
}

TEST_F(AudioParamTest, ClampsTimesInThePastToNow) {
  fake.moveTo(1);
  gain.setValueAtTime(0.5, 0.25);
  fake->commit();
  const auto events = fake.record->all<render::ParamEvent>();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].second.time, 1.0);
}

TEST_F(AudioParamTest, StartsARampThatNothingPrecedesHereAndNow) {
  fake.moveTo(2);
  gain.linearRampToValueAtTime(0, 4);
  fake->commit();
  const auto events = fake.record->all<render::ParamEvent>();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].second.kind, dsp::EventKind::setValue);
  EXPECT_EQ(events[0].second.time, 2.0);
  EXPECT_EQ(events[0].second.value, 1.0f);
  fake.moveTo(3);
  EXPECT_NEAR(gain.value(), 0.5, 1e-6);
}

TEST_F(AudioParamTest, StartsARampAtTheEventBeforeHoweverLongAgo) {
  gain.setValueAtTime(0, 0);
  fake.moveTo(5);
  EXPECT_EQ(gain.value(), 0);
  gain.linearRampToValueAtTime(1, 10);
  fake->commit();
  EXPECT_EQ(fake.record->count<render::ParamEvent>(), 2u) << "an implicit event too many";
  fake.moveTo(7.5);
  EXPECT_NEAR(gain.value(), 0.75, 1e-6);
}

TEST_F(AudioParamTest, ReadsBackWhatWasSetAtOnceClampedToTheNominalRange) {
  gain.setValue(0.25);
  EXPECT_EQ(gain.value(), 0.25f);
  auto source = fake->createOscillator();
  source->frequency().setValue(1e6);
  EXPECT_EQ(source->frequency().value(), 24000);
  EXPECT_EQ(source->frequency().maxValue(), 24000);
  EXPECT_EQ(source->frequency().minValue(), -24000);
}

TEST_F(AudioParamTest, FollowsItsTimelineAtTheSessionsFrame) {
  gain.setValueAtTime(0, 1).linearRampToValueAtTime(1, 2).setTargetAtTime(0, 3, 0.5);
  const std::pair<double, double> expected[] = {{0.5, 1}, {1, 0}, {1.25, 0.25}, {2, 1}, {2.9, 1}, {4, std::exp(-2.0)}};
  for (const auto& [time, value] : expected) {
    fake.moveTo(time);
    EXPECT_NEAR(gain.value(), value, 1e-5) << "at " << time << " s";
  }
}

TEST_F(AudioParamTest, HoldsTheValueWhereItWasCancelled) {
  gain.setValueAtTime(0, 0).linearRampToValueAtTime(1, 2);
  gain.cancelAndHoldAtTime(1);
  fake.moveTo(0.5);
  EXPECT_NEAR(gain.value(), 0.25, 1e-5);
  fake.moveTo(1.9);
  EXPECT_NEAR(gain.value(), 0.5, 1e-5);
  fake->commit();
  const auto cancels = fake.record->all<render::ParamCancel>();
  ASSERT_EQ(cancels.size(), 1u);
  EXPECT_EQ(cancels[0].second.hold, 1u);
}

TEST_F(AudioParamTest, KeepsAFixedRate) {
  auto source = fake->createBufferSource();
  EXPECT_EQ(errorOf([&] { source->playbackRate().setAutomationRate(AutomationRate::aRate); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { source->playbackRate().setAutomationRate(AutomationRate::kRate); }), "");
  gain.setAutomationRate(AutomationRate::kRate);
  fake->commit();
  const auto rates = fake.record->all<render::ParamRate>();
  ASSERT_EQ(rates.size(), 1u);
  EXPECT_EQ(rates[0].second.rate, AutomationRate::kRate);
}

TEST_F(AudioParamTest, WorksOnWithoutItsNode) {
  std::shared_ptr<AudioParam> param = node->params()[0];
  const render::NodeId id = node->id();
  node.reset();
  param->setValueAtTime(0.5, 1);
  fake->commit();
  EXPECT_EQ(fake.record->count<render::ReleaseNode>(), 0u) << "released while its param is held";
  EXPECT_EQ(fake.record->all<render::ParamEvent>().back().first, id);
  param.reset();
  fake->commit();
  EXPECT_EQ(fake.record->count<render::ReleaseNode>(), 1u);
}

TEST_F(AudioParamTest, ForgetsEventsThatAreOver) {
  // Tens of thousands of past events must not slow the check of the next one: a quadratic walk would take minutes.
  for (int i = 0; i < 200000; ++i) {
    fake.record->timing.frame = static_cast<std::uint64_t>(i) * 128;
    gain.setValueAtTime(static_cast<float>(i % 2), fake->currentTime());
    if (i % 1000 == 0) fake->commit(), fake.record->batches.clear();
  }
  EXPECT_EQ(gain.value(), 1);
}

}  // namespace
}  // namespace backline
