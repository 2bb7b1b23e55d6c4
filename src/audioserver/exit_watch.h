#pragma once

#include <atomic>
#include <thread>

#include "transport/fd.h"

namespace backline::audioserver {

/// Ends the process if its socket has hung up and it has not ended by itself soon after: a sound driver that hangs must not
/// leave a process behind.
class ExitWatch {
 public:
  /// Watches a duplicate of `socket`. Throws TransportError. [io]
  explicit ExitWatch(const transport::Fd& socket);
  ~ExitWatch();
  ExitWatch(const ExitWatch&) = delete;
  ExitWatch& operator=(const ExitWatch&) = delete;

 private:
  void watch();
  transport::Fd socket_;
  transport::Fd stop_;
  std::thread thread_;
};

}  // namespace backline::audioserver
