#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "session/capture.h"

namespace backline::node {

/// Captures on their way from the I/O thread to the environment's.
/// Thread safety: any thread.
class CaptureArrivals {
 public:
  /// The number to take it by. Nothing: the environment has ended, and so has the capture.
  std::optional<std::uint64_t> put(std::unique_ptr<session::Capture> capture) {
    const std::lock_guard lock(mutex_);
    if (closed_) return {};
    captures_.emplace(++last_, std::move(capture));
    return last_;
  }
  std::unique_ptr<session::Capture> take(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = captures_.extract(number);
    return found ? std::move(found.mapped()) : nullptr;
  }
  void close() {
    std::map<std::uint64_t, std::unique_ptr<session::Capture>> left;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    left.swap(captures_);
  }

 private:
  std::mutex mutex_;
  std::map<std::uint64_t, std::unique_ptr<session::Capture>> captures_;
  std::uint64_t last_ = 0;
  bool closed_ = false;
};

}  // namespace backline::node
