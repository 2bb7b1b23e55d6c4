#include "script/tasks.h"

#include <algorithm>

namespace backline::script {

namespace {
constexpr std::int64_t kLongestWait = 3'600'000;
}

bool Tasks::run() {
  if (waiting_.load(std::memory_order_acquire) == 0) return false;
  std::vector<Entry> due;
  {
    const std::scoped_lock lock(mutex_);
    const auto now = Clock::now();
    const auto later = std::stable_partition(entries_.begin(), entries_.end(),
                                             [&](const Entry& entry) { return entry.due > now; });
    std::move(later, entries_.end(), std::back_inserter(due));
    entries_.erase(later, entries_.end());
    waiting_.store(entries_.size(), std::memory_order_release);
  }
  for (Entry& entry : due) entry.task->Run();
  return !due.empty();
}

int Tasks::untilDue() {
  if (!waiting()) return -1;
  const std::scoped_lock lock(mutex_);
  if (entries_.empty()) return -1;
  const auto first = std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.due < b.due; });
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(first->due - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, kLongestWait));
}

void Tasks::close() {
  std::vector<Entry> dropped;
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  dropped.swap(entries_);
  waiting_ = 0;
}

void Tasks::post(std::unique_ptr<v8::Task> task, double delaySeconds) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return;
  const auto delay = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(delaySeconds));
  entries_.push_back({Clock::now() + delay, std::move(task)});
  waiting_.store(entries_.size(), std::memory_order_release);
  wake_();   // inside the lock: after close() nobody is called
}

}  // namespace backline::script
