#pragma once

#include <sys/types.h>

#include <functional>

namespace backline::test {

/// A second process: a fork of this one that runs `body` and exits with what it returns. Ended, if it still
/// runs, with this object; and by the system with the thread that made it.
class ChildProcess {
 public:
  explicit ChildProcess(const std::function<int()>& body);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void kill();
  /// Waits for the end. The exit status, or minus the signal that ended it.
  int wait();

 private:
  pid_t pid_;
  int status_ = 0;
};

}  // namespace backline::test
