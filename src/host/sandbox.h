#pragma once

#include <string>

namespace backline::host {

enum class Walls { standing, switchedOff, refused };

struct Sandbox {
  Walls walls = Walls::switchedOff;
  std::string why;   ///< of those that do not stand
};

/// From here on every thread of this process may compute, map memory, make threads and use the descriptors that it has or that come over its
/// sockets, and nothing else: other system calls (files, sockets, processes, signals to others) answer EPERM. Cannot be undone.
/// Not in force with BACKLINE_SANDBOX=off in the environment, in builds with sanitizers, which need files, and where the kernel refuses.
Sandbox enterSandbox();

}  // namespace backline::host
