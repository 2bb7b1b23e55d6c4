#include "host/render_pace.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "tests/support/seed.h"
#include "transport/realtime.h"

namespace backline::host {
namespace {

constexpr float kRate = 48000;
constexpr std::uint32_t kQuantum = 128;
constexpr float kDuration = kQuantum / kRate;   // seconds

ipc::RingDemand demand(std::uint32_t callback = 128, double latency = 0) {
  return {.callbackFrames = callback, .quantum = kQuantum, .realtime = true, .latency = latency, .sampleRate = kRate, .capacity = 16384};
}

/// A session that renders quantum after quantum.
class Session {
 public:
  explicit Session(const ipc::RingDemand& demand) : pace(demand) {}
  /// Quanta that each take this share of their duration. Returns the target after the last.
  std::uint32_t render(double seconds, double share) {
    for (const std::uint64_t end = frame_ + static_cast<std::uint64_t>(seconds * kRate); frame_ < end;) one(share);
    return pace.target();
  }
  std::uint32_t one(double share) {
    frame_ += kQuantum;
    const transport::RealtimeScope realtime;
    pace.rendered(static_cast<float>(share) * kDuration, frame_);
    return pace.target();
  }
  RenderPace pace;

 private:
  std::uint64_t frame_ = 0;
};

TEST(RingTarget, IsACallbackAndOneQuantumUnderFifoAndThreeOtherwise) {
  ipc::RingDemand asked = demand(512);
  EXPECT_EQ(ipc::ringTarget(asked), 640u);
  asked.realtime = false;
  EXPECT_EQ(ipc::ringTarget(asked), 896u);
  asked.callbackFrames = 441;
  EXPECT_EQ(ipc::ringTarget(asked), 896u) << "whole quanta, rounded up";
}

TEST(RingTarget, CountsWhatOfTheLatencyLiesBehindTheRingOnce) {
  ipc::RingDemand asked = demand(128, 0.1);
  EXPECT_EQ(ipc::ringTarget(asked), 4864u) << "4800 frames in whole quanta";
  asked.deviceLatency = 0.02;
  EXPECT_EQ(ipc::ringTarget(asked), 3840u);
  asked.deviceLatency = 0.2;
  EXPECT_EQ(ipc::ringTarget(asked), 256u) << "a device slower than the target leaves the least";
}

TEST(RingTarget, StaysWithinTheRingWhateverIsAsked) {
  ipc::RingDemand asked = demand(128, 1e9);
  asked.capacity = 1000;
  EXPECT_EQ(ipc::ringTarget(asked), 896u);
  asked.latency = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(ipc::ringTarget(asked), 256u);
  asked = demand(128, 0.01);
  asked.deviceLatency = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(ipc::ringTarget(asked), 256u);
  asked = demand(4'000'000'000u);
  asked.capacity = 1000;
  EXPECT_EQ(ipc::ringTarget(asked, 8), 896u);
}

TEST(RenderPace, ACheapSessionKeepsTheLeastReady) {
  Session session(demand());
  EXPECT_EQ(session.pace.target(), 256u);
  EXPECT_EQ(session.render(5, 0.2), 256u);
}

TEST(RenderPace, OneQuantumThatTakesLongerThanItLastsIsCoveredFromThenOn) {
  Session session(demand());
  session.render(1, 0.1);
  const std::uint32_t target = session.one(2.2);
  // The callback after the long quantum finds what is left over: that has to outlast it.
  EXPECT_GE(target - 128, 2.2 * kQuantum) << target << " frames";
  EXPECT_EQ(session.render(0.5, 0.1), target) << "a moment of calm is no reason to go back";
}

TEST(RenderPace, CalmGivesBackOneQuantumEveryTwoSecondsDownToTheFormula) {
  Session session(demand());
  const std::uint32_t most = session.one(3);
  EXPECT_EQ(most, 256u + 3 * kQuantum);
  std::uint32_t before = most;
  int steps = 0;
  for (int i = 0; i < 120; ++i) {
    const std::uint32_t target = session.render(0.1, 0.1);
    EXPECT_LE(before - target, kQuantum) << "more than one quantum at once";
    steps += target != before;
    before = target;
  }
  EXPECT_EQ(steps, 3);
  EXPECT_EQ(before, 256u);
}

TEST(RenderPace, DoesNotFlutterUnderCostsAroundALimit) {
  const unsigned seed = backline::test::seed();
  std::minstd_rand random(seed);
  std::uniform_real_distribution<double> share(0.3, 1.4);
  Session session(demand());
  session.render(2, 1.4);
  std::uint32_t before = session.pace.target();
  int changes = 0;
  for (int i = 0; i < 10 * 375; ++i) {   // ten seconds
    const std::uint32_t target = session.one(share(random));
    changes += target != before;
    before = target;
  }
  EXPECT_LE(changes, 1) << "changes in ten seconds, seed " << seed;
}

TEST(RenderPace, ALongCallbackLeavesTimeForDearQuanta) {
  Session session(demand(1024));
  EXPECT_EQ(session.render(2, 0.4), 1152u) << "eight quanta at 40 % are done in less than half the callback's time";
  EXPECT_EQ(session.one(1), 1152u);
  EXPECT_GT(session.render(2, 0.8), 1152u);
}

TEST(RenderPace, ExtraQuantaNeverLeadBeyondANamedLatencyNorTheRing) {
  Session named(demand(128, 0.02));
  const std::uint32_t target = named.pace.target();
  EXPECT_EQ(target, 1024u);
  EXPECT_EQ(named.render(1, 5), target);

  ipc::RingDemand narrow = demand();
  narrow.capacity = 512;
  Session session(narrow);
  EXPECT_EQ(session.render(1, 50), 512u);
}

TEST(RenderPace, LetsOthersGoFirstOnlyWithAmpleFramesReady) {
  Session session(demand(128, 0.1));
  session.render(2, 0.9);
  EXPECT_FALSE(session.pace.canWait(0));
  EXPECT_FALSE(session.pace.canWait(128)) << "the next callback takes all of it";
  EXPECT_FALSE(session.pace.canWait(128 + 1 * kQuantum)) << "no more than one quantum's cost is left over";
  EXPECT_TRUE(session.pace.canWait(128 + 2 * kQuantum));
  EXPECT_TRUE(session.pace.canWait(4800));
}

}  // namespace
}  // namespace backline::host
