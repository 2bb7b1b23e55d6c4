#include "audioserver/gap_watch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/support/seed.h"

namespace backline::audioserver {
namespace {

constexpr double kRate = 48000;           // Hz, by the source's own clock
constexpr std::uint32_t kFragment = 300;  // frames

/// A source of its own clock, whose fragments come late by chance.
class GapWatchTest : public testing::Test {
 protected:
  /// Lets the source run for so many seconds; returns the frames found lost.
  std::uint64_t run(double seconds) {
    std::uint64_t found = 0;
    const std::uint64_t end = frame_ + static_cast<std::uint64_t>(seconds * kRate);
    while (frame_ < end) {
      frame_ += kFragment;
      const double due = static_cast<double>(frame_) / (kRate * drift) + 1000;
      now_ = std::max(now_, due + late(random_));
      found += watch_.arrived(static_cast<std::int64_t>(now_ * 1e9), kFragment);
    }
    return found;
  }
  void lose(double seconds) { frame_ += static_cast<std::uint64_t>(seconds * kRate); }
  void stall(double seconds) { now_ += seconds; }

  double drift = 1;

 private:
  std::mt19937_64 random_{backline::test::seed()};
  std::exponential_distribution<double> late{1 / 0.003};  // 3 ms on average, now and then 20
  GapWatch watch_{kRate};
  std::uint64_t frame_ = 0;
  double now_ = 0;
};

TEST_F(GapWatchTest, FindsNothingWhereNothingIsLost) { EXPECT_EQ(run(600), 0u); }

TEST_F(GapWatchTest, FollowsAClockThatIsSlowerThanOurs) {
  drift = 1 - 500e-6;
  EXPECT_EQ(run(600), 0u);
}

TEST_F(GapWatchTest, FindsALossThoughTheClockIsFasterThanOurs) {
  drift = 1 + 500e-6;
  EXPECT_EQ(run(600), 0u);
  lose(0.1);
  EXPECT_NEAR(static_cast<double>(run(3)) / kRate, 0.1, 0.005) << "seconds";
}

TEST_F(GapWatchTest, FindsWhatIsLostWithinSecondsAndOnce) {
  run(10);
  lose(0.25);
  const auto found = static_cast<double>(run(3));
  EXPECT_NEAR(found / kRate, 0.25, 0.005) << "seconds";
  EXPECT_EQ(run(60), 0u);
}

TEST_F(GapWatchTest, AStallThatIsMadeUpForIsNoLoss) {
  run(3);
  for (const double seconds : {0.06, 0.9, 2.0, 5.0}) {
    stall(seconds);
    EXPECT_EQ(run(10), 0u) << "after a stall of " << seconds << " seconds";
  }
}

}  // namespace
}  // namespace backline::audioserver
