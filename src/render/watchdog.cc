#include "render/watchdog.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "transport/realtime.h"

namespace backline::render {

namespace {

// Above every render thread: one that hangs may hold a processor for itself.
constexpr int kPriority = 61;
constexpr auto kLively = std::chrono::milliseconds(50), kCalm = std::chrono::milliseconds(250), kSuspicious = std::chrono::milliseconds(10);

}  // namespace

Watchdog::Watchdog(const CallBudgets& budgets, Outlived outlived) : budgets_(budgets), outlived_(std::move(outlived)) {}

Watchdog::~Watchdog() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Watchdog::Watch::Watch(Watchdog& dog, BlackBox& box, Terminable* terminable) : dog_(dog), box_(box), terminable_(terminable) {
  {
    const std::scoped_lock lock(dog_.mutex_);
    dog_.watches_.push_back(this);
    if (!dog_.thread_.joinable()) dog_.thread_ = std::thread([&dog] { dog.run(); });
  }
  dog_.changed_.notify_one();
}

Watchdog::Watch::~Watch() {
  const std::scoped_lock lock(dog_.mutex_);
  std::erase(dog_.watches_, this);
}

void Watchdog::run() {
  pthread_setname_np(pthread_self(), "watchdog");
  transport::enterRealtimePriority(kPriority);
  std::unique_lock lock(mutex_);
  while (!ending_) {
    lively_ = suspicious_ = false;
    for (Watch* watch : watches_) {
      look(*watch, watch->box_.render, watch->render_);
      look(*watch, watch->box_.compile, watch->compile_);
    }
    if (watches_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_for(lock, suspicious_ ? kSuspicious : lively_ ? kLively : kCalm);
    }
  }
}

void Watchdog::look(Watch& watch, Lane& lane, Watch::Seen& seen) {
  const std::uint64_t stretch = lane.now();
  const std::uint64_t mark = lane.mark();
  if (std::exchange(seen.mark, mark) != mark) lively_ = true;
  if (stretch == 0) {
    seen.stretch = 0;
    return;
  }
  const auto time = lane.processorTime();
  if (!time) return;
  if (stretch != seen.stretch) {
    seen.stretch = stretch;
    seen.since = *time;
    return;
  }
  suspicious_ = true;
  const double spent = *time - seen.since, budget = budgets_.of(Lane::whereabouts(stretch).phase);
  if (spent < budget) return;
  lane.condemn(stretch);
  if (watch.terminable_ != nullptr) watch.terminable_->terminate();
  if (outlived_ && spent > budget + budgets_.mercy) outlived_(watch.box_, stretch);
}

}  // namespace backline::render
