#include "audioserver/paced_thread.h"

#include <pthread.h>
#include <time.h>

#include <cerrno>

#include "transport/realtime.h"

namespace backline::audioserver {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

}  // namespace

std::int64_t nowNanoseconds() noexcept {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNanosecondsPerSecond + now.tv_nsec;
}

void sleepUntil(std::int64_t nanoseconds) noexcept {
  const timespec until{nanoseconds / kNanosecondsPerSecond, nanoseconds % kNanosecondsPerSecond};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

void PacedThread::start(const char* name, Step step) {
  stopping_.store(false, std::memory_order_release);
  thread_ = std::thread([this, name, step = std::move(step)] {
    pthread_setname_np(pthread_self(), name);
    transport::enterRealtimePriority(kDevicePriority);
    std::int64_t deadline = nowNanoseconds();
    while (!stopping()) {
      deadline = step(deadline);
      sleepUntil(deadline);
    }
  });
}

void PacedThread::stop() {
  stopping_.store(true, std::memory_order_release);
  if (thread_.joinable()) thread_.join();
}

}  // namespace backline::audioserver
