#pragma once

#include "transport/fd.h"

namespace backline::transport {

/// An eventfd used as a hint that shared state has changed. Signals coalesce; whoever wakes re-checks the
/// state.
class NotifyFd {
 public:
  NotifyFd() = default;
  /// Throws TransportError.
  static NotifyFd create();
  /// Takes a descriptor that a peer passed; refuses one that is no eventfd. Throws TransportError.
  static NotifyFd adopt(Fd fd);

  /// Never blocks. [any thread, render included]
  void signal() const noexcept;
  /// Sleeps until signalled or the time is over; clears the signal. True if signalled. Negative: no limit.
  /// [any thread]
  bool wait(int milliseconds) const noexcept;
  /// Clears the signal without sleeping. True if there was one. [any thread]
  bool drain() const noexcept;

  const Fd& fd() const { return fd_; }

 private:
  explicit NotifyFd(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace backline::transport
