#include "transport/notify_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>
#include <limits>

#include "tests/support/child_process.h"
#include "transport/error.h"

namespace backline::transport {
namespace {

TEST(NotifyFd, CoalescesSignals) {
  const NotifyFd notify = NotifyFd::create();
  EXPECT_FALSE(notify.drain());
  notify.signal();
  notify.signal();
  EXPECT_TRUE(notify.wait(-1));
  EXPECT_FALSE(notify.drain());
}

TEST(NotifyFd, StopsWaitingWhenTheTimeIsOver) {
  const NotifyFd notify = NotifyFd::create();
  EXPECT_FALSE(notify.wait(0));
  EXPECT_FALSE(notify.wait(5));
  notify.signal();
  EXPECT_TRUE(notify.wait(0));
}

TEST(NotifyFd, WakesAnotherProcess) {
  const NotifyFd there = NotifyFd::create();
  const NotifyFd back = NotifyFd::create();
  backline::test::ChildProcess echo([&] {
    for (int i = 0; i < 100; ++i) {
      if (!there.wait(20000)) return 1;
      back.signal();
    }
    return 0;
  });
  for (int i = 0; i < 100; ++i) {
    there.signal();
    ASSERT_TRUE(back.wait(20000)) << "round " << i;
  }
  EXPECT_EQ(echo.wait(), 0);
}

TEST(NotifyFd, DoesNotBlockWhenTheCounterIsFull) {
  const NotifyFd notify = NotifyFd::create();
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max() - 1;
  ASSERT_EQ(::write(notify.fd().get(), &most, sizeof most), static_cast<ssize_t>(sizeof most));
  notify.signal();
  EXPECT_TRUE(notify.drain());
}

TEST(NotifyFd, AdoptsABlockingEventfdAsNonBlocking) {
  const NotifyFd notify = NotifyFd::adopt(Fd(::eventfd(0, EFD_CLOEXEC)));
  EXPECT_FALSE(notify.drain());
  notify.signal();
  EXPECT_TRUE(notify.wait(-1));
}

TEST(NotifyFd, RefusesWhatIsNoEventfd) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Fd writing(ends[1]);
  try {
    NotifyFd::adopt(Fd(ends[0]));
    FAIL() << "a pipe was adopted";
  } catch (const TransportError& error) {
    EXPECT_NE(std::string(error.what()).find("is no eventfd"), std::string::npos) << error.what();
  }
  EXPECT_THROW(NotifyFd::adopt(Fd(::open("/dev/null", O_RDWR))), TransportError);
  EXPECT_THROW(NotifyFd::adopt(Fd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC))), TransportError);
  EXPECT_THROW(NotifyFd::adopt(Fd(::epoll_create1(EPOLL_CLOEXEC))), TransportError);
  EXPECT_THROW(NotifyFd::adopt(Fd()), TransportError);
}

}  // namespace
}  // namespace backline::transport
