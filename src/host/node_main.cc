// backline-node NODE ARGUMENTS…: becomes Node, as a render host, in which nobody can make an io_uring. What a ring asks of the kernel no wall sees; and Node's event
// loop would make one before the walls stand, and be refused its use behind them.

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int count, char** arguments) {
  if (count < 2) {
    fprintf(stderr, "usage: backline-node NODE ARGUMENTS…\n");
    return 2;
  }
  // A kernel without filters has no walls either: Node does without them, too.
  if (const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW); filter != nullptr) {
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(io_uring_setup), 0);
    seccomp_load(filter);
    seccomp_release(filter);
  }
  char* const node = arguments[1];
  arguments[1] = arguments[0];   // the helper's name
  execv(node, arguments + 1);
  fprintf(stderr, "%s: cannot start %s: %s\n", arguments[0], node, strerror(errno));
  return 127;
}
