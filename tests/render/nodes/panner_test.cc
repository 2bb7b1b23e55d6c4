#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "dsp/spatial.h"
#include "render/nodes/list.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using render::Activity;

enum { kX, kY, kZ, kOrientationX, kOrientationY, kOrientationZ };
enum { kPanningModel, kDistanceModel, kRefDistance, kMaxDistance, kRolloffFactor, kConeInnerAngle, kConeOuterAngle, kConeOuterGain };
constexpr float kRate = 48000;
constexpr double kPi = std::numbers::pi;

std::function<float(double)> fixed(float value) {
  return [value](double) { return value; };
}

/// At the origin unless moved, nose ahead.
std::vector<std::function<float(double)>> listenerAt(std::function<float(double)> x) {
  return {std::move(x), fixed(0), fixed(0), fixed(0), fixed(0), fixed(-1), fixed(0), fixed(1), fixed(0)};
}

std::function<float(std::uint32_t, double)> ones() {
  return [](std::uint32_t channel, double) { return channel == 0 ? 1.0f : 0.5f; };
}

TEST(Panner, PansAMonoSourceWithEqualPower) {
  for (const std::uint32_t quantum : kQuanta) {
    for (double degrees = -180; degrees <= 180; degrees += 7.5) {
      NodeHarness panner(render::kPanner, kRate, quantum);
      panner.param(kX, static_cast<float>(std::sin(degrees * kPi / 180))).param(kZ, static_cast<float>(-std::cos(degrees * kPi / 180))).input(1, ones());
      EXPECT_EQ(panner.step(), Activity::active);
      ASSERT_EQ(panner.output().channels, 2);
      const double wrapped = std::abs(degrees) > 90 ? std::copysign(180, degrees) - degrees : degrees;
      const double x = (wrapped + 90) / 180;
      EXPECT_NEAR(panner.output().channel(0)[quantum - 1], std::cos(x * kPi / 2), 2e-7) << degrees << "°";
      EXPECT_NEAR(panner.output().channel(1)[quantum - 1], std::sin(x * kPi / 2), 2e-7) << degrees << "°";
    }
  }
}

TEST(Panner, TurnsAStereoSourceSoThatWhatIsOnTheFarSideComesOver) {
  for (const double degrees : {-90.0, -30.0, 0.0, 45.0, 90.0}) {
    NodeHarness panner(render::kPanner, kRate);
    panner.param(kX, static_cast<float>(std::sin(degrees * kPi / 180))).param(kZ, static_cast<float>(-std::cos(degrees * kPi / 180))).input(2, ones());
    panner.step();
    const double x = degrees <= 0 ? (degrees + 90) / 90 : degrees / 90, left = std::cos(x * kPi / 2), right = std::sin(x * kPi / 2);
    EXPECT_NEAR(panner.output().channel(0)[5], degrees <= 0 ? 1 + 0.5 * left : left, 3e-7) << degrees << "°";
    EXPECT_NEAR(panner.output().channel(1)[5], degrees <= 0 ? 0.5 * right : 0.5 + right, 3e-7) << degrees << "°";
  }
}

TEST(Panner, GivesWhileItMovesAtEveryFrameWhatItWouldGiveStandingThere) {
  const auto x = [](double frame) { return static_cast<float>(std::sin(frame / 100) * 3); };
  const auto listenerX = [](double frame) { return static_cast<float>(frame / 300 - 1); };
  const auto turning = [](double frame) { return static_cast<float>(std::cos(frame / 70)); };
  for (const std::uint32_t channels : {1u, 2u}) {
    NodeHarness moving(render::kPanner, kRate);
    moving.param(kX, x).param(kY, 0.5f).param(kZ, -1).param(kOrientationX, turning).listener(listenerAt(listenerX), false).input(channels, ones());
    moving.field(kConeInnerAngle, 40).field(kConeOuterAngle, 200).field(kConeOuterGain, 0.1).field(kDistanceModel, dsp::DistanceLaw::exponential);
    for (int quantum = 0; quantum < 4; ++quantum) {
      moving.step();
      for (std::uint32_t i = 0; i < 128; i += 13) {
        const double frame = quantum * 128 + static_cast<double>(i);
        NodeHarness still(render::kPanner, kRate);
        still.param(kX, x(frame)).param(kY, 0.5f).param(kZ, -1).param(kOrientationX, turning(frame)).listener(listenerAt(fixed(listenerX(frame))), true).input(channels, ones());
        still.field(kConeInnerAngle, 40).field(kConeOuterAngle, 200).field(kConeOuterGain, 0.1).field(kDistanceModel, dsp::DistanceLaw::exponential);
        still.step();
        for (std::uint32_t c = 0; c < 2; ++c) ASSERT_NEAR(moving.output().channel(c)[i], still.output().channel(c)[0], 2e-7) << "frame " << frame;
      }
    }
  }
}

TEST(Panner, HearsWithTheListenerThatItIsGiven) {
  NodeHarness panner(render::kPanner, kRate);
  panner.param(kX, 0).param(kZ, -2).input(1, ones());
  // Nose to the left: what was ahead is to the right, two away.
  panner.listener({fixed(0), fixed(0), fixed(0), fixed(-1), fixed(0), fixed(0), fixed(0), fixed(1), fixed(0)}, true);
  panner.step();
  EXPECT_NEAR(panner.output().channel(0)[0], 0, 1e-7);
  EXPECT_NEAR(panner.output().channel(1)[0], 0.5, 1e-7);
}

TEST(Panner, TakesWhatIsNoListenerForNone) {
  NodeHarness panner(render::kPanner, kRate);
  panner.param(kX, 1).listener({fixed(100)}, true).input(1, ones());
  panner.step();
  EXPECT_NEAR(panner.output().channel(1)[0], 1, 1e-7);
}

TEST(Panner, IsSilentInStereoOverSilenceAndIdleOverNothing) {
  NodeHarness panner(render::kPanner, kRate);
  EXPECT_EQ(panner.step(), Activity::idle);
  panner.input(1, [](std::uint32_t, double) { return 0.0f; });
  EXPECT_EQ(panner.step(), Activity::active);
  EXPECT_EQ(panner.output().channels, 2);
  panner.input(0, {});
  EXPECT_EQ(panner.step(), Activity::idle) << "equal power has no tail";
}

TEST(AudioListener, PutsItsParametersIntoTheChannelsOfItsOutputAndSaysWhetherTheyStandStill) {
  NodeHarness listener(render::kAudioListener, kRate);
  listener.param(3, 0.25f);
  EXPECT_EQ(listener.step(), Activity::active);
  ASSERT_EQ(listener.output().channels, 9);
  EXPECT_TRUE(listener.output().constant);
  const float expected[] = {0, 0, 0, 0.25f, 0, -1, 0, 1, 0};
  for (std::uint32_t c = 0; c < 9; ++c)
    for (std::uint32_t i = 0; i < 128; ++i) ASSERT_EQ(listener.output().channel(c)[i], expected[c]) << "channel " << c;
  listener.param(8, [](double frame) { return static_cast<float>(frame); });
  listener.step();
  EXPECT_FALSE(listener.output().constant);
  EXPECT_EQ(listener.output().channel(8)[127], 255);
}

}  // namespace
}  // namespace backline::test
