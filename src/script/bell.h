#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "transport/notify_fd.h"

namespace backline::script {

/// What wakes those of this process who sleep while other threads and processes write to them: an eventfd, and a thread, from the first
/// listener on, that tells all of them. A hint: who is told looks for himself. [any thread]
class Bell {
 public:
  explicit Bell(transport::NotifyFd fd) : fd_(std::move(fd)) {}
  ~Bell();

  const transport::Fd& fd() const { return fd_.fd(); }
  /// Never blocks. [any thread, render included]
  void ring() const noexcept { fd_.signal(); }
  /// `heard` is called, on the bell's thread, until what this returns has gone; it must be short, and listen to nothing itself.
  std::shared_ptr<void> listen(std::function<void()> heard);

 private:
  struct Listeners {
    std::mutex mutex;
    std::map<std::uint64_t, std::function<void()>> all;
    std::uint64_t last = 0;
  };
  void run();

  const transport::NotifyFd fd_;
  const std::shared_ptr<Listeners> listeners_ = std::make_shared<Listeners>();
  std::atomic<bool> ending_{false};
  std::once_flag started_;
  std::thread thread_;
};

}  // namespace backline::script
