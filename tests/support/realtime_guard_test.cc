#include "tests/support/realtime_guard.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "transport/notify_fd.h"
#include "transport/realtime.h"

namespace backline::test {
namespace {

using transport::RealtimeExempt;
using transport::RealtimeScope;

/// Keeps an allocation from being optimized away.
void use(const void* pointer) {
  asm volatile("" : : "r"(pointer) : "memory");
}

template <class Body>
std::vector<Offence> offencesIn(Body body) {
  takeOffences();
  {
    const RealtimeScope scope;
    body();
  }
  return takeOffences();
}

bool names(const std::vector<Offence>& offences, const std::string& call) {
  return std::any_of(offences.begin(), offences.end(),
                     [&](const Offence& each) { return each.call == call; });
}

TEST(RealtimeGuard, ReportsAVectorMadeInsideAScope) {
  const auto offences = offencesIn([] {
    std::vector<int> v(4);
    use(v.data());
  });
  ASSERT_EQ(offences.size(), 2u) << "one for the allocation, one for the release";
  EXPECT_EQ(offences[0].call, "malloc");
  EXPECT_EQ(offences[1].call, "free");
}

TEST(RealtimeGuard, SaysWhereTheOffenceWas) {
  const auto offences = offencesIn([] {
    std::vector<int> v(4);
    use(v.data());
  });
  ASSERT_FALSE(offences.empty());
  EXPECT_NE(describe(offences[0]).find("SaysWhereTheOffenceWas"), std::string::npos) << describe(offences[0]);
}

TEST(RealtimeGuard, ReportsEveryWayToAllocate) {
  EXPECT_TRUE(names(offencesIn([] { use(std::make_unique<int>(1).get()); }), "malloc"));
  EXPECT_TRUE(names(offencesIn([] {
                      void* block = std::calloc(1, 8);
                      use(block);
                      std::free(block);
                    }),
                    "calloc"));
  EXPECT_TRUE(names(offencesIn([] {
                      void* none = nullptr;
                      use(&none);
                      void* block = std::realloc(none, 8);
                      use(block);
                      std::free(block);
                    }),
                    "realloc"));
  EXPECT_TRUE(names(offencesIn([] {
                      void* block = std::aligned_alloc(64, 64);
                      use(block);
                      std::free(block);
                    }),
                    "aligned_alloc"));
  EXPECT_TRUE(names(offencesIn([] {
                      void* block = nullptr;
                      ASSERT_EQ(::posix_memalign(&block, 64, 64), 0);
                      std::free(block);
                    }),
                    "posix_memalign"));
  struct alignas(128) Wide {
    float samples[32];
  };
  EXPECT_FALSE(offencesIn([] { use(std::make_unique<Wide>().get()); }).empty()) << "aligned operator new";
}

TEST(RealtimeGuard, ReportsAFunctionObjectThatAllocates) {
  const auto offences = offencesIn([] {
    char large[256] = {};
    const std::function<void()> function = [large] { use(large); };
    function();
  });
  EXPECT_TRUE(names(offences, "malloc"));
}

TEST(RealtimeGuard, ReportsALock) {
  std::mutex mutex;
  const auto offences = offencesIn([&] { const std::lock_guard lock(mutex); });
  ASSERT_EQ(offences.size(), 1u);
  EXPECT_EQ(offences[0].call, "pthread_mutex_lock");
}

TEST(RealtimeGuard, AllowsATriedLock) {
  std::mutex mutex;
  EXPECT_TRUE(offencesIn([&] {
                if (mutex.try_lock()) mutex.unlock();
              }).empty());
}

TEST(RealtimeGuard, ReportsWaiting) {
  using namespace std::chrono_literals;
  EXPECT_FALSE(offencesIn([] { std::this_thread::sleep_for(1us); }).empty());
  EXPECT_TRUE(names(offencesIn([] { ::usleep(1); }), "usleep"));

  std::mutex mutex;
  std::condition_variable condition;
  std::unique_lock lock(mutex);
  EXPECT_FALSE(offencesIn([&] { condition.wait_for(lock, 1us); }).empty());

  EXPECT_TRUE(names(offencesIn([] { ::poll(nullptr, 0, 0); }), "poll"));
}

TEST(RealtimeGuard, ReportsAnAtomicThatWaits) {
  std::atomic<int> value{0};
  std::atomic<bool> left{false};
  std::thread other([&] {
    // Notified until it has left: the wait must have slept, or not begun.
    while (!left) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      value = 1;
      value.notify_all();
    }
  });
  const auto offences = offencesIn([&] { value.wait(0); });
  left = true;
  other.join();
  EXPECT_TRUE(names(offences, "futex wait"));
}

TEST(RealtimeGuard, ReportsLogging) {
  EXPECT_FALSE(offencesIn([] { std::printf("logged from quantum %d\n", 1); }).empty());
  EXPECT_FALSE(offencesIn([] { std::fputs("logged from a render quantum\n", stderr); }).empty());
  EXPECT_FALSE(offencesIn([] { std::cerr << "logged from a render quantum\n"; }).empty());
}

TEST(RealtimeGuard, ReportsFilesOpenedReadAndWritten) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  char byte = 'x';
  EXPECT_TRUE(names(offencesIn([&] { EXPECT_EQ(::write(fds[1], &byte, 1), 1); }), "write"));
  EXPECT_TRUE(names(offencesIn([&] { EXPECT_EQ(::read(fds[0], &byte, 1), 1); }), "read"));
  ::close(fds[0]);
  ::close(fds[1]);
  int opened = -1;
  EXPECT_TRUE(names(offencesIn([&] { opened = ::open("/dev/null", O_RDONLY); }), "open"));
  ::close(opened);
}

TEST(RealtimeGuard, ReportsAnException) {
  const auto offences = offencesIn([] {
    try {
      throw std::runtime_error("in a quantum");
    } catch (const std::runtime_error&) {
    }
  });
  EXPECT_TRUE(names(offences, "throw"));
}

TEST(RealtimeGuard, AllowsEverythingOutsideAScope) {
  takeOffences();
  std::vector<int> v(4);
  use(v.data());
  std::mutex mutex;
  const std::lock_guard lock(mutex);
  EXPECT_TRUE(takeOffences().empty());
}

TEST(RealtimeGuard, AllowsEverythingInAnExemptPart) {
  EXPECT_TRUE(offencesIn([] {
                const RealtimeExempt exempt;
                std::vector<int> v(4);
                use(v.data());
              }).empty());
}

TEST(RealtimeGuard, ForbidsAgainAfterAnExemptPart) {
  EXPECT_TRUE(names(offencesIn([] {
                      { const RealtimeExempt exempt; }
                      use(std::make_unique<int>(1).get());
                    }),
                    "malloc"));
}

TEST(RealtimeGuard, ForbidsInAScopeInsideAnExemptPart) {
  EXPECT_TRUE(names(offencesIn([] {
                      const RealtimeExempt exempt;
                      const RealtimeScope scope;
                      use(std::make_unique<int>(1).get());
                    }),
                    "malloc"));
}

TEST(RealtimeGuard, ConcernsTheThreadOfTheScopeAlone) {
  std::atomic<int> step{0};
  std::thread other([&] {
    while (step != 1) {
    }
    use(std::make_unique<int>(1).get());
    step = 2;
  });
  const auto offences = offencesIn([&] {
    step = 1;
    while (step != 2) {
    }
  });
  other.join();
  EXPECT_TRUE(offences.empty());
}

TEST(RealtimeGuard, AllowsANotification) {
  const transport::NotifyFd notify = transport::NotifyFd::create();
  EXPECT_TRUE(offencesIn([&] { notify.signal(); }).empty());
  EXPECT_TRUE(offencesIn([&] { notify.drain(); }).empty());
}

TEST(RealtimeGuard, CountsMoreOffencesThanItKeeps) {
  EXPECT_EQ(offencesIn([] {
              for (int i = 0; i < 100; ++i) use(std::make_unique<int>(i).get());
            }).size(),
            200u);
}

/// Runs this program again for one test and returns its exit status.
int runAgain(const std::string& test) {
  const std::string command = "/proc/" + std::to_string(::getpid()) + "/exe --gtest_also_run_disabled_tests" +
                              " --gtest_filter=" + test + " >/dev/null 2>&1";
  return WEXITSTATUS(std::system(command.c_str()));
}

TEST(RealtimeGuard, DISABLED_OffendingTest) {
  const RealtimeScope scope;
  std::vector<int> v(4);
  use(v.data());
}

TEST(RealtimeGuard, FailsTheTestThatOffends) {
  EXPECT_EQ(runAgain("RealtimeGuard.DISABLED_OffendingTest"), 1);
  EXPECT_EQ(runAgain("RealtimeGuard.AllowsEverythingOutsideAScope"), 0);
}

struct Outcome {
  int status;
  std::string output;
};

Outcome preloaded(const std::string& mode, const std::string& argument) {
  const std::string command = "BACKLINE_REALTIME_GUARD=" + mode +
                              " LD_PRELOAD=" REALTIME_GUARD_LIBRARY " " REALTIME_GUARD_PROBE " " + argument +
                              " 2>&1";
  Outcome run{};
  FILE* pipe = ::popen(command.c_str(), "r");
  char line[512];
  while (std::fgets(line, sizeof line, pipe) != nullptr) run.output += line;
  run.status = ::pclose(pipe);
  return run;
}

TEST(PreloadedRealtimeGuard, ReportsAndCountsOffences) {
  const Outcome run = preloaded("report", "allocate");
  EXPECT_EQ(run.status, 0) << run.output;
  EXPECT_NE(run.output.find("realtime guard: malloc inside a render quantum, offence 1"), std::string::npos)
      << run.output;
  EXPECT_NE(run.output.find("finished\n"), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("realtime guard: 1 offences"), std::string::npos) << run.output;
}

TEST(PreloadedRealtimeGuard, AbortsWhenAsked) {
  const Outcome run = preloaded("abort", "allocate");
  EXPECT_NE(run.status, 0);
  EXPECT_EQ(run.output.find("finished\n"), std::string::npos) << run.output;
}

TEST(PreloadedRealtimeGuard, IsSilentAboutAProgramThatBehaves) {
  const Outcome run = preloaded("abort", "behave");
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(run.output, "finished\n");
}

}  // namespace
}  // namespace backline::test
