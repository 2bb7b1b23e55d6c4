#pragma once

#include <atomic>
#include <thread>

#include "transport/fd.h"

namespace backline::ipc {

/// Ends the process if its socket has hung up and it has not ended by itself soon after: a sound driver or a script that
/// hangs must not leave a process behind.
class ExitWatch {
 public:
  /// Watches a duplicate of `socket`. Throws TransportError. [io]
  ExitWatch(const transport::Fd& socket, int graceMilliseconds);
  ~ExitWatch();
  ExitWatch(const ExitWatch&) = delete;
  ExitWatch& operator=(const ExitWatch&) = delete;

 private:
  void watch();
  const int graceMilliseconds_;
  transport::Fd socket_;
  transport::Fd stop_;
  std::thread thread_;
};

}  // namespace backline::ipc
