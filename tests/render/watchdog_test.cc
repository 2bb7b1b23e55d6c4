// Who is guilty of taking too long, and who is not.

#include "render/watchdog.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/support/child_process.h"

namespace backline {
namespace {

using namespace render;
using namespace std::chrono_literals;

constexpr CallBudgets kBudgets{.call = 0.03, .setUp = 0.12, .mercy = 0.05};
constexpr double kLongestTest = 20;   // seconds of processor time that a failing test wastes

/// Ends a stretch as V8 does: what runs looks up now and then.
struct Ender final : Terminable {
  void terminate() noexcept override { ++calls; }
  std::atomic<int> calls{0};
};

double spent() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

template <class F>
void spinUntil(F done) {
  const double begin = spent();
  while (!done() && spent() < begin + kLongestTest) {
  }
}

class WatchdogTest : public testing::Test {
 protected:
  std::atomic<std::uint64_t> outlivedBy{0};
  BlackBox box;
  Ender ender;
  Watchdog dog{kBudgets, [this](BlackBox&, std::uint64_t stretch) { outlivedBy = stretch; }};
  Watchdog::Watch watch{dog, box, &ender};
};

TEST_F(WatchdogTest, ACallBeyondItsBudgetIsCondemnedAndTerminated) {
  const Lane::Stretch stretch(box.render, 3, Phase::process);
  const double begin = spent();
  spinUntil([&] { return box.render.condemned(); });
  EXPECT_GE(spent() - begin, kBudgets.call);
  spinUntil([&] { return ender.calls > 0; });
  EXPECT_GT(ender.calls, 0);
}

TEST_F(WatchdogTest, SettingUpMayTakeLonger) {
  const Lane::Stretch stretch(box.compile, 3, Phase::constructor);
  const double begin = spent();
  spinUntil([&] { return box.compile.condemned(); });
  EXPECT_GE(spent() - begin, kBudgets.setUp);
}

TEST_F(WatchdogTest, TheCallThatFollowsACondemnedOneIsInnocent) {
  {
    const Lane::Stretch stretch(box.render, 3, Phase::process);
    spinUntil([&] { return box.render.condemned(); });
    ASSERT_TRUE(box.render.condemned());
  }
  EXPECT_FALSE(box.render.condemned());
  const Lane::Stretch stretch(box.render, 3, Phase::process);
  EXPECT_FALSE(box.render.condemned());
}

TEST_F(WatchdogTest, ACallBeyondAllMercyIsToldByName) {
  const Lane::Stretch stretch(box.render, 77, Phase::message);
  spinUntil([&] { return outlivedBy != 0; });
  EXPECT_EQ(Lane::whereabouts(outlivedBy), (Whereabouts{77, Phase::message}));
}

TEST_F(WatchdogTest, ACallThatWaitsTakesNoTime) {
  const Lane::Stretch stretch(box.render, 3, Phase::process);
  std::this_thread::sleep_for(10 * std::chrono::duration<double>(kBudgets.call + kBudgets.mercy));
  EXPECT_FALSE(box.render.condemned());
  EXPECT_EQ(outlivedBy, 0u);
}

TEST_F(WatchdogTest, ManyShortCallsAreNoLongOne) {
  const double begin = spent();
  while (spent() < begin + 5 * kBudgets.call) {
    const Lane::Stretch stretch(box.render, 3, Phase::process);
    ASSERT_FALSE(box.render.condemned());
  }
}

TEST_F(WatchdogTest, AProcessThatWasStoppedForLongIsNotGuilty) {
  const auto body = [] {
    BlackBox box;
    Watchdog dog({.call = 0.2, .setUp = 0.2, .mercy = 60});
    const Watchdog::Watch watch(dog, box, nullptr);
    const Lane::Stretch stretch(box.render, 3, Phase::process);
    const double begin = spent();
    while (spent() < begin + 0.05) {
    }
    raise(SIGSTOP);
    while (spent() < begin + 0.1) {
    }
    std::this_thread::sleep_for(150ms);   // in which the watchdog looks
    return box.render.condemned() ? 1 : 0;
  };
  test::ChildProcess child(body);
  int status = 0;
  ASSERT_EQ(waitpid(child.pid(), &status, WUNTRACED), child.pid());
  ASSERT_TRUE(WIFSTOPPED(status));
  std::this_thread::sleep_for(600ms);
  kill(child.pid(), SIGCONT);
  EXPECT_EQ(child.wait(), 0);
}

TEST(WatchdogThreads, AThreadThatHasEndedInsideACallIsNobodysHang) {
  BlackBox box;
  std::atomic<int> told{0};
  Watchdog dog(kBudgets, [&](BlackBox&, std::uint64_t) { ++told; });
  const Watchdog::Watch watch(dog, box, nullptr);
  std::optional<Lane::Stretch> stretch;
  std::thread([&] { stretch.emplace(box.render, 1, Phase::process); }).join();
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace backline
