#pragma once

#include <string>
#include <vector>

#include "transport/fd.h"

namespace backline::ipc {

/// A private child: its own process group, its end of the socketpair as fd 3, standard input from /dev/null. What it writes to standard
/// output or standard error comes out of this process's standard error.
/// It ends by itself at end-of-file on that socket. No signal handler and no SIGCHLD is involved: a pidfd tells its end.
class HelperProcess {
 public:
  /// Starts `command` (path and arguments) with argv[0] shown as `processName`. Throws transport::TransportError naming the path.
  static HelperProcess start(const std::vector<std::string>& command, const std::string& processName);
  HelperProcess(HelperProcess&&) noexcept = default;
  HelperProcess& operator=(HelperProcess&&) noexcept = default;
  ~HelperProcess();   ///< reaps if it has ended; never waits

  int pid() const { return pid_; }
  transport::Fd takeSocket() { return std::move(socket_); }
  const transport::Fd& pidFd() const { return pidFd_; }   ///< readable when it has ended
  /// Ends it at once, stopped or not. It is still to be finish()ed.
  void kill() const;
  /// By a signal; who is traced is somebody's business.
  bool isStopped() const;
  /// Seconds that all its threads have been given; 0 once it has ended.
  double processorTime() const;
  /// Waits up to `milliseconds` for its end, then kills it (by its pidfd) and reaps it. Returns the wait status.
  int finish(int milliseconds);

 private:
  HelperProcess() = default;
  int pid_ = -1;
  transport::Fd pidFd_;
  transport::Fd socket_;
};

}  // namespace backline::ipc
