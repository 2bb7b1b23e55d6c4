#include "transport/realtime.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <limits>
#include <thread>

namespace backline::transport {
namespace {

/// Half the smallest normal number, calculated while the program runs.
float denormal() {
  volatile float smallest = std::numeric_limits<float>::min();
  return smallest * 0.5f;
}

TEST(RealtimeScope, NestsAndEnds) {
  EXPECT_FALSE(inRealtimeScope());
  {
    const RealtimeScope outer;
    { const RealtimeScope inner; }
    EXPECT_TRUE(inRealtimeScope());
  }
  EXPECT_FALSE(inRealtimeScope());
}

TEST(RealtimeScope, IsLiftedByAnExemptPartAndComesBackAfterIt) {
  const RealtimeScope outer;
  const RealtimeScope inner;
  {
    const RealtimeExempt exempt;
    EXPECT_FALSE(inRealtimeScope());
  }
  EXPECT_TRUE(inRealtimeScope());
}

TEST(RealtimeScope, ConcernsItsThreadAlone) {
  std::atomic<int> step{0};
  bool elsewhere = true;
  std::thread other([&] {
    while (step != 1) {
    }
    elsewhere = inRealtimeScope();
    step = 2;
  });
  {
    const RealtimeScope scope;
    step = 1;
    while (step != 2) {
    }
  }
  other.join();
  EXPECT_FALSE(elsewhere);
}

TEST(DenormalsFlushed, TurnsDenormalsToZeroForItsLifetimeOnly) {
  EXPECT_GT(denormal(), 0.0f);
  {
    const DenormalsFlushed flushed;
    EXPECT_EQ(denormal(), 0.0f);
    { const DenormalsFlushed nested; }
    EXPECT_EQ(denormal(), 0.0f);
  }
  EXPECT_GT(denormal(), 0.0f);
}

TEST(RealtimePriority, SaysWhatTheSystemGave) {
  std::thread([] {
    const int priority = enterRealtimePriority(7);
    sched_param parameters{};
    ASSERT_EQ(::sched_getparam(0, &parameters), 0);
    EXPECT_EQ(parameters.sched_priority, priority);
    const int policy = ::sched_getscheduler(0);
    EXPECT_EQ(policy, priority > 0 ? SCHED_FIFO | SCHED_RESET_ON_FORK : SCHED_OTHER);
    EXPECT_EQ(denormal(), 0.0f);
  }).join();
}

}  // namespace
}  // namespace backline::transport
