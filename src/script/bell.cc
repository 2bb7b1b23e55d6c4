#include "script/bell.h"

#include <pthread.h>

namespace backline::script {

Bell::~Bell() {
  ending_ = true;
  fd_.signal();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<void> Bell::listen(std::function<void()> heard) {
  std::call_once(started_, [this] { thread_ = std::thread([this] { run(); }); });
  const std::scoped_lock lock(listeners_->mutex);
  const std::uint64_t number = ++listeners_->last;
  listeners_->all.emplace(number, std::move(heard));
  return std::shared_ptr<void>(nullptr, [listeners = listeners_, number](void*) {
    const std::scoped_lock lock(listeners->mutex);
    listeners->all.erase(number);
  });
}

void Bell::run() {
  pthread_setname_np(pthread_self(), "bell");
  while (!ending_) {
    if (!fd_.wait(-1)) continue;
    const std::scoped_lock lock(listeners_->mutex);
    for (const auto& [number, heard] : listeners_->all) heard();
  }
}

}  // namespace backline::script
