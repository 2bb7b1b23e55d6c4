#pragma once

#include <seccomp.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace backline::ipc {

/// What a walled process may ask of the kernel: everything that is not allowed answers EPERM. Errors are kept until enforce(). [one thread]
class SyscallFilter {
 public:
  SyscallFilter();
  ~SyscallFilter();
  SyscallFilter(const SyscallFilter&) = delete;
  SyscallFilter& operator=(const SyscallFilter&) = delete;

  void allow(std::span<const int> calls);
  /// With arguments that meet all conditions.
  void allow(int call, std::initializer_list<scmp_arg_cmp> conditions);
  void answer(int call, int error);
  /// From here on it holds for every thread of the process, and cannot be undone. "": it does; otherwise why not.
  std::string enforce();

 private:
  void check(int result);

  const scmp_filter_ctx context_;
  int error_ = 0;   // the first, as an errno
};

/// Why this process is to have no walls; "": it is to have them. Those of BACKLINE_SANDBOX=off and of sanitizers, which need files, have none.
std::string whyWithoutWalls();

}  // namespace backline::ipc
