#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

namespace backline::audioserver {

/// SCHED_FIFO's, of whatever thread feeds a device.
inline constexpr int kDevicePriority = 70;

/// Hz. Of a device without hardware, where nobody asks for another.
inline constexpr double kVirtualRate = 48000;

/// CLOCK_MONOTONIC. [any thread]
std::int64_t nowNanoseconds() noexcept;

/// Sleeps until a CLOCK_MONOTONIC instant, signals notwithstanding. Not inside a RealtimeScope.
void sleepUntil(std::int64_t nanoseconds) noexcept;

/// A thread that does one step a period, under SCHED_FIFO where it may. The step gets the deadline it was woken for and returns
/// the next one, so that the owner decides whether lateness is skipped or kept.
class PacedThread {
 public:
  using Step = std::function<std::int64_t(std::int64_t deadline)>;

  PacedThread() = default;
  ~PacedThread() { stop(); }
  PacedThread(const PacedThread&) = delete;
  PacedThread& operator=(const PacedThread&) = delete;

  void start(const char* name, Step step);
  /// Returns after the last step.
  void stop();
  /// For steps that wait inside. [any thread]
  bool stopping() const noexcept { return stopping_.load(std::memory_order_acquire); }

 private:
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace backline::audioserver
