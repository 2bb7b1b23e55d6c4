#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/control/fake_session.h"
#include "tests/control/rendered.h"

namespace backline {
namespace {

using test::errorOf;
using test::FakeContext;

TEST(AudioListener, IsOneForAContextWithTheParametersOfTheSpecification) {
  FakeContext fake;
  const auto listener = fake->listener();
  EXPECT_EQ(fake->listener(), listener);
  EXPECT_EQ(fake->createPanner()->link(), listener->handle()->link);
  const std::pair<const char*, float> expected[] = {{"positionX", 0}, {"positionY", 0}, {"positionZ", 0}, {"forwardX", 0}, {"forwardY", 0},
                                                    {"forwardZ", -1}, {"upX", 0}, {"upY", 1}, {"upZ", 0}};
  for (const auto& [name, initial] : expected) {
    const auto param = listener->param(name);
    ASSERT_NE(param, nullptr) << name;
    EXPECT_EQ(param->value(), initial) << name;
    EXPECT_EQ(param->defaultValue(), initial) << name;
    EXPECT_EQ(param->maxValue(), std::numeric_limits<float>::max()) << name;
    EXPECT_EQ(param->automationRate(), AutomationRate::aRate) << name;
  }
  EXPECT_EQ(listener->param("gain"), nullptr);
}

TEST(AudioListener, TakesPositionAndOrientationAtOnceUnlessACurveOfThemLasts) {
  FakeContext fake;
  const auto listener = fake->listener();
  listener->setPosition(1, 2, 3);
  listener->setOrientation(4, 5, 6, 7, 8, 9);
  EXPECT_EQ(listener->positionY().value(), 2);
  EXPECT_EQ(listener->forwardZ().value(), 6);
  EXPECT_EQ(listener->upX().value(), 7);
  EXPECT_EQ(errorOf([&] { listener->setPosition(0, std::nanf(""), 0); }), "TypeError");
  fake.moveTo(0.1);
  listener->upZ().setValueCurveAtTime({0, 1}, 0, 1);
  EXPECT_EQ(errorOf([&] { listener->setOrientation(0, 0, -1, 0, 1, 0); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { listener->setPosition(0, 0, 0); }), "");
}

TEST(PannerNode, HasTheParametersAndAttributesOfTheSpecification) {
  FakeContext fake;
  const auto panner = fake->createPanner();
  EXPECT_EQ(panner->numberOfInputs(), 1u);
  EXPECT_EQ(panner->numberOfOutputs(), 1u);
  EXPECT_EQ(panner->orientationX().value(), 1);
  for (const auto& param : panner->params()) {
    EXPECT_EQ(param->automationRate(), AutomationRate::aRate) << param->name();
    EXPECT_EQ(errorOf([&] { param->setAutomationRate(AutomationRate::kRate); }), "") << param->name();
  }
  EXPECT_EQ(panner->panningModel(), PanningModelType::equalpower);
  EXPECT_EQ(panner->distanceModel(), DistanceModelType::inverse);
  EXPECT_EQ(panner->refDistance(), 1);
  EXPECT_EQ(panner->maxDistance(), 10000);
  EXPECT_EQ(panner->rolloffFactor(), 1);
  EXPECT_EQ(panner->coneInnerAngle(), 360);
  EXPECT_EQ(panner->coneOuterAngle(), 360);
  EXPECT_EQ(panner->coneOuterGain(), 0);
}

TEST(PannerNode, RefusesWhatTheSpecificationRefusesAndKeepsWhatItHad) {
  FakeContext fake;
  const auto panner = fake->createPanner();
  EXPECT_EQ(errorOf([&] { panner->setRefDistance(-0.1); }), "RangeError");
  EXPECT_EQ(errorOf([&] { panner->setRefDistance(0); }), "");
  EXPECT_EQ(errorOf([&] { panner->setMaxDistance(0); }), "RangeError");
  EXPECT_EQ(errorOf([&] { panner->setMaxDistance(-1); }), "RangeError");
  EXPECT_EQ(errorOf([&] { panner->setRolloffFactor(-1e-9); }), "RangeError");
  EXPECT_EQ(errorOf([&] { panner->setConeOuterGain(1.1); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { panner->setConeOuterGain(-0.1); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { panner->setConeInnerAngle(std::nan("")); }), "TypeError");
  EXPECT_EQ(panner->maxDistance(), 10000);
  EXPECT_EQ(panner->coneOuterGain(), 0);
  for (const std::uint32_t count : {0u, 3u, 99u}) EXPECT_EQ(errorOf([&] { panner->setChannelCount(count); }), "NotSupportedError") << count;
  EXPECT_EQ(errorOf([&] { panner->setChannelCountMode(ChannelCountMode::max); }), "NotSupportedError");
  PannerOptions options;
  options.maxDistance = 0;
  EXPECT_EQ(errorOf([&] { PannerNode(fake.context(), options); }), "RangeError");
}

TEST(PannerNode, TakesPositionAndOrientationAtOnceUnlessACurveOfThemLasts) {
  FakeContext fake;
  const auto panner = fake->createPanner();
  panner->setPosition(1, 2, 3);
  panner->setOrientation(4, 5, 6);
  EXPECT_EQ(panner->positionZ().value(), 3);
  EXPECT_EQ(panner->orientationY().value(), 5);
  fake.moveTo(0.1);
  panner->positionX().setValueCurveAtTime({0, 1}, 0, 1);
  EXPECT_EQ(errorOf([&] { panner->setPosition(0, 0, 0); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { panner->setOrientation(1, 0, 0); }), "");
}

/// A constant 1 through a panner.
std::vector<std::vector<float>> panned(const PannerOptions& options, std::function<void(OfflineAudioContext&, PannerNode&)> setUp = {}, std::uint64_t frames = 512) {
  return test::rendered(2, frames, [&](OfflineAudioContext& context) {
    auto source = context.createConstantSource();
    auto panner = std::make_shared<PannerNode>(context, options);
    if (setUp) setUp(context, *panner);
    source->connect(*panner).connect(context.destination());
    source->start();
  });
}

TEST(PannerNode, IsHeardWhereItIsFromWhereTheListenerIs) {
  const auto out = panned({.positionX = 3}, [](OfflineAudioContext& context, PannerNode&) {
    context.listener()->setPosition(3, 0, 4);
    context.listener()->setOrientation(1, 0, 0, 0, 1, 0);   // nose to the right: the source is to the left
  });
  EXPECT_NEAR(out[0][300], 0.25f, 1e-6f);
  EXPECT_NEAR(out[1][300], 0, 1e-6f);
}

TEST(PannerNode, FollowsTheAutomationOfSourceAndListenerFrameByFrame) {
  const auto out = panned({.positionZ = -1, .rolloffFactor = 0}, [](OfflineAudioContext& context, PannerNode& panner) {
    panner.positionX().linearRampToValueAtTime(2, 512 / 48000.0);
    context.listener()->positionX().setValueAtTime(0, 0).linearRampToValueAtTime(-2, 512 / 48000.0);
  });
  for (std::size_t i = 0; i < 512; i += 17) {
    const double angle = std::atan2(4.0 * static_cast<double>(i) / 512, 1.0), x = (angle / M_PI * 180 + 90) / 180;
    ASSERT_NEAR(out[0][i], std::cos(x * M_PI / 2), 2e-6) << i;
    ASSERT_NEAR(out[1][i], std::sin(x * M_PI / 2), 2e-6) << i;
  }
}

TEST(PannerNode, WithHrtfHearsASourceSoonerAndLouderInTheNearerEar) {
  PannerOptions options;
  options.panningModel = PanningModelType::hrtf;
  options.positionX = -1;
  const auto out = test::rendered(2, 512, [&](OfflineAudioContext& context) {
    auto source = test::playing(context, {{1}});
    auto panner = std::make_shared<PannerNode>(context, options);
    source->connect(*panner).connect(context.destination());
  });
  std::size_t first[2];
  double energy[2] = {0, 0};
  for (std::size_t c = 0; c < 2; ++c) {
    first[c] = static_cast<std::size_t>(std::find_if(out[c].begin(), out[c].end(), [](float sample) { return std::abs(sample) > 0.02f; }) - out[c].begin());
    for (const float sample : out[c]) energy[c] += static_cast<double>(sample) * static_cast<double>(sample);
  }
  EXPECT_NEAR(static_cast<double>(first[1] - first[0]), 0.00068 * 48000, 8) << "frames";
  EXPECT_NEAR(10 * std::log10(energy[0] / energy[1]), 11, 4) << "dB";
}

TEST(PannerNode, MovesTheListenerThatHearsItThroughADelayOnly) {
  const auto out = panned({.positionX = 1}, [](OfflineAudioContext& context, PannerNode& panner) { panner.connect(context.listener()->positionX()); });
  EXPECT_EQ(out[0], std::vector<float>(512)) << "a cycle is silent";
  EXPECT_EQ(out[1], std::vector<float>(512));
}

}  // namespace
}  // namespace backline
