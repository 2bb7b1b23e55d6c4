#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "script/compat.h"

namespace backline::script {

/// What V8's background threads want done on the isolate's own thread. Posting: [any thread]. A look at an empty queue
/// costs one atomic load, so that a quantum may look at it every time.
class Tasks final : public compat::TaskRunner {
 public:
  /// `wake` is called when something was posted. [any thread]
  explicit Tasks(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// Runs what is due; true if anything ran. The isolate must be entered.
  bool run();
  bool waiting() const { return waiting_.load(std::memory_order_acquire) > 0; }
  /// Milliseconds until something is due, rounded up; -1: nothing waits.
  int untilDue();
  /// Drops what is left, and what will still be posted.
  void close();

 protected:
  void post(std::unique_ptr<v8::Task> task, double delaySeconds) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    Clock::time_point due;
    std::unique_ptr<v8::Task> task;
  };
  const std::function<void()> wake_;
  std::atomic<std::size_t> waiting_{0};
  std::mutex mutex_;
  std::vector<Entry> entries_;   ///< in the order of posting
  bool closed_ = false;
};

}  // namespace backline::script
