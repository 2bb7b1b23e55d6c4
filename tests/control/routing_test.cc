#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tests/control/fake_session.h"
#include "tests/control/rendered.h"

namespace backline {
namespace {

using test::kRate;

using test::errorOf;
using test::playing;
using test::rendered;

TEST(ChannelSplitterAndMerger, SwapTheChannelsOfAStereoSignal) {
  const auto out = rendered(2, 200, [](OfflineAudioContext& context) {
    auto splitter = context.createChannelSplitter(2);
    auto merger = context.createChannelMerger(2);
    playing(context, {{1, 2, 3}, {4, 5, 6}})->connect(*splitter);
    splitter->connect(*merger, 0, 1);
    splitter->connect(*merger, 1, 0);
    merger->connect(context.destination());
  });
  EXPECT_EQ(out[0][0], 4);
  EXPECT_EQ(out[0][2], 6);
  EXPECT_EQ(out[1][1], 2);
  EXPECT_EQ(out[1][3], 0);
}

TEST(ChannelMerger, GivesEveryInputItsChannelAndMixesEachToMono) {
  const auto out = rendered(6, 128, [](OfflineAudioContext& context) {
    auto merger = context.createChannelMerger();
    ASSERT_EQ(merger->numberOfInputs(), 6u);
    playing(context, {{8, 8}, {4, 4}})->connect(*merger, 0, 5);
    playing(context, {{3, 3}})->connect(*merger, 0, 1);
    merger->connect(context.destination());
  });
  EXPECT_EQ(out[5][0], 6);
  EXPECT_EQ(out[1][1], 3);
  for (const std::size_t silent : {0u, 2u, 3u, 4u}) EXPECT_EQ(out[silent][0], 0) << "channel " << silent;
}

TEST(ChannelSplitterAndMerger, KeepTheirShapes) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 1, .sampleRate = kRate});
  EXPECT_EQ(errorOf([&] { context.createChannelMerger(0); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { context.createChannelSplitter(33); }), "IndexSizeError");
  auto merger = context.createChannelMerger(3);
  EXPECT_EQ(errorOf([&] { merger->setChannelCount(2); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { merger->setChannelCountMode(ChannelCountMode::max); }), "InvalidStateError");
  auto splitter = context.createChannelSplitter(3);
  EXPECT_EQ(splitter->channelCount(), 3u);
  EXPECT_EQ(errorOf([&] { splitter->setChannelCount(2); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { splitter->setChannelInterpretation(ChannelInterpretation::speakers); }), "InvalidStateError");
}

TEST(StereoPanner, TurnsMonoWithEqualPowerAndStereoTowardsASide) {
  const auto panned = [](float pan, std::vector<std::vector<float>> input) {
    const auto out = rendered(2, 128, [&](OfflineAudioContext& context) {
      StereoPannerOptions options;
      options.pan = pan;
      playing(context, input)->connect(*std::make_shared<StereoPannerNode>(context, options)).connect(context.destination());
    });
    return std::pair{out[0][0], out[1][0]};
  };
  for (const float pan : {-1.0f, -0.3f, 0.0f, 0.7f, 1.0f}) {
    const auto [left, right] = panned(pan, {{1}});
    EXPECT_NEAR(left * left + right * right, 1, 1e-6) << "pan " << pan;
    EXPECT_NEAR(std::atan2(right, left), (pan + 1) * std::numbers::pi / 4, 1e-6) << "pan " << pan;
  }
  EXPECT_EQ(panned(0, {{1}, {-0.5f}}), (std::pair{1.0f, -0.5f}));
  EXPECT_NEAR(panned(1, {{1}, {0.25f}}).second, 1.25, 1e-6);
  EXPECT_NEAR(panned(-1, {{1}, {0.25f}}).first, 1.25, 1e-6);
}

TEST(StereoPanner, TakesNoMoreThanTwoChannels) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 1, .sampleRate = kRate});
  StereoPannerNode panner(context);
  EXPECT_EQ(errorOf([&] { panner.setChannelCount(3); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { panner.setChannelCountMode(ChannelCountMode::max); }), "NotSupportedError");
}

TEST(Delay, ShiftsByWholeFramesExactlyAtEveryQuantum) {
  std::vector<float> ramp(500);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i + 1);
  for (const std::uint32_t quantum : {128u, 64u, 137u, 1u}) {
    for (const int frames : {0, 1, 127, 128, 129, 300, 1000}) {
      const auto out = rendered(1, 2000, [&](OfflineAudioContext& context) {
        DelayOptions options;
        options.delayTime = frames / kRate;
        playing(context, {ramp})->connect(*std::make_shared<DelayNode>(context, options)).connect(context.destination());
      }, quantum);
      for (int i = 0; i < 2000; ++i) {
        const int at = i - frames;
        ASSERT_EQ(out[0][static_cast<std::size_t>(i)], at >= 0 && at < 500 ? ramp[static_cast<std::size_t>(at)] : 0.0f)
            << "frame " << i << ", delay " << frames << ", quantum " << quantum;
      }
    }
  }
}

TEST(Delay, OfAFractionLiesBetweenTwoFrames) {
  const auto out = rendered(1, 256, [](OfflineAudioContext& context) {
    DelayOptions options;
    options.delayTime = 10.25 / kRate;
    playing(context, {{0, 1, 0}})->connect(*std::make_shared<DelayNode>(context, options)).connect(context.destination());
  });
  EXPECT_NEAR(out[0][11], 0.75, 1e-4);
  EXPECT_NEAR(out[0][12], 0.25, 1e-4);
}

TEST(Delay, FollowsItsTimeSampleBySample) {
  // A delay that grows by half a frame a frame halves the pitch.
  const auto out = rendered(1, 1000, [](OfflineAudioContext& context) {
    std::vector<float> ramp(1000);
    for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i);
    auto delay = context.createDelay();
    delay->delayTime().setValueAtTime(0, 0).linearRampToValueAtTime(static_cast<float>(500 / kRate), 1000 / kRate);
    playing(context, {ramp})->connect(*delay).connect(context.destination());
  });
  for (std::size_t i = 10; i < 990; ++i) ASSERT_NEAR(out[0][i], static_cast<double>(i) / 2, 0.01) << "frame " << i;
}

TEST(Delay, ThatJumpsWithinAQuantumReadsBothPlaces) {
  for (const int far : {100, 700}) {   // frames: within what a quantum reads at once, and beyond
    const auto out = rendered(1, 2000, [far](OfflineAudioContext& context) {
      std::vector<float> ramp(2000);
      for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i);
      auto delay = context.createDelay();
      delay->delayTime().setValueAtTime(static_cast<float>(10.5 / kRate), 0).setValueAtTime(static_cast<float>(far / kRate), 1000 / kRate);
      playing(context, {ramp})->connect(*delay).connect(context.destination());
    });
    for (std::size_t i = 20; i < 1000; ++i) ASSERT_NEAR(out[0][i], static_cast<double>(i) - 10.5, 0.01) << "frame " << i;
    for (std::size_t i = 1000; i < 2000; ++i) ASSERT_EQ(out[0][i], static_cast<float>(i) - static_cast<float>(far)) << "frame " << i;
  }
}

TEST(Delay, KeepsTheChannelsThatPassedIntoIt) {
  const auto out = rendered(2, 1000, [](OfflineAudioContext& context) {
    DelayOptions options;
    options.delayTime = 300 / kRate;
    auto delay = std::make_shared<DelayNode>(context, options);
    playing(context, {{1}, {2}})->connect(*delay).connect(context.destination());
  });
  EXPECT_EQ(out[0][300], 1);
  EXPECT_EQ(out[1][300], 2);
}

TEST(Delay, InACycleEchoesWithItsFeedbackAndLastsAQuantumAtLeast) {
  for (const std::uint32_t quantum : {128u, 32u, 256u}) {
    for (const double frames : {0.0, 400.0}) {
      const double period = std::max(frames, static_cast<double>(quantum));
      const auto out = rendered(2, 3000, [&](OfflineAudioContext& context) {
        auto sum = context.createGain();
        auto feedback = context.createGain();
        feedback->gain().setValue(0.5f);
        DelayOptions options;
        options.delayTime = frames / kRate;
        auto delay = std::make_shared<DelayNode>(context, options);
        playing(context, {{1}, {-1}})->connect(*sum).connect(*delay).connect(*feedback).connect(*sum);
        delay->connect(context.destination());
      }, quantum);
      double level = 1;
      for (int echo = 1; echo <= 5; ++echo, level /= 2) {
        const auto at = static_cast<std::size_t>(echo * period);
        EXPECT_FLOAT_EQ(out[0][at], static_cast<float>(level)) << "echo " << echo << ", delay " << frames << ", quantum " << quantum;
        EXPECT_FLOAT_EQ(out[1][at], -static_cast<float>(level));
        EXPECT_EQ(out[0][at - 1], 0);
      }
    }
  }
}

TEST(Delay, OutsideOfACycleDoesNotUnmuteIt) {
  const auto out = rendered(1, 512, [](OfflineAudioContext& context) {
    auto one = context.createGain(), two = context.createGain();
    auto delay = context.createDelay();
    auto source = playing(context, {std::vector<float>(512, 1)});
    source->connect(*one).connect(*two).connect(*one);
    two->connect(*delay).connect(context.destination());
  });
  for (const float sample : out[0]) ASSERT_EQ(sample, 0);
}

TEST(Delay, EchoesOnAfterItsSourceHasEndedAndEverythingWasLetGo) {
  const auto out = rendered(1, 48000, [](OfflineAudioContext& context) {
    auto feedback = context.createGain();
    feedback->gain().setValue(0.9f);
    DelayOptions options;
    options.delayTime = 0.1;
    auto delay = std::make_shared<DelayNode>(context, options);
    playing(context, {{1}})->connect(*delay).connect(*feedback).connect(*delay);
    delay->connect(context.destination());
  });
  EXPECT_NEAR(out[0][4800], 1, 1e-6);
  EXPECT_NEAR(out[0][4800 * 9], std::pow(0.9, 8), 1e-5);
}

TEST(Delay, RefusesImpossibleTimes) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 1, .sampleRate = kRate});
  EXPECT_EQ(errorOf([&] { context.createDelay(0); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { context.createDelay(180); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { context.createDelay(-1); }), "NotSupportedError");
  EXPECT_EQ(context.createDelay(2.5)->delayTime().maxValue(), 2.5f);
}

}  // namespace
}  // namespace backline
