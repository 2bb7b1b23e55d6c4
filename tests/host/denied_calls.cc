#include "tests/host/denied_calls.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>

namespace backline::host::test {

namespace {

/// A child, if one was made after all, ends at once.
long endIfChild(long pid) {
  if (pid == 0) _exit(0);
  return pid;
}

const std::pair<const char*, std::function<long()>> kCalls[] = {
    {"open for reading", [] { return open("/etc/passwd", O_RDONLY | O_CLOEXEC); }},
    {"open for writing", [] { return open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }},
    {"open (the old call)", [] { return syscall(SYS_open, "/etc/passwd", O_RDONLY, 0); }},
    {"openat2", [] { return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", nullptr, 0); }},
    {"readlink", [] { char text[64]; return readlink("/proc/self/exe", text, sizeof text); }},
    {"access", [] { return access("/etc/passwd", R_OK); }},
    {"unlink", [] { return unlink("/backline-there-is-no-such-file"); }},
    {"mkdir", [] { return mkdirat(AT_FDCWD, "/proc/backline", 0700); }},
    {"chdir", [] { return chdir("/"); }},
    {"chmod", [] { return syscall(SYS_chmod, "/backline-there-is-no-such-file", 0600); }},
    {"socket (Unix)", [] { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }},
    {"socket (IPv4)", [] { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }},
    {"socketpair", [] { int pair[2]; return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair); }},
    {"connect", [] { return connect(-1, nullptr, 0); }},
    {"bind", [] { return bind(-1, nullptr, 0); }},
    {"execve", [] { return syscall(SYS_execve, "/backline-there-is-no-such-file", nullptr, nullptr); }},
    {"execveat", [] { return syscall(SYS_execveat, -1, "", nullptr, nullptr, AT_EMPTY_PATH); }},
    {"fork", [] { return endIfChild(syscall(SYS_fork)); }},
    {"vfork by clone", [] { return endIfChild(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr)); }},
    {"kill", [] { return kill(getppid(), 0); }},
    {"kill of itself", [] { return kill(getpid(), 0); }},
    {"tgkill of another", [] { return syscall(SYS_tgkill, getppid(), getppid(), 0); }},
    {"pidfd_open", [] { return syscall(SYS_pidfd_open, getppid(), 0); }},
    {"pidfd_getfd", [] { return syscall(SYS_pidfd_getfd, -1, 0, 0); }},
    {"ptrace", [] { return ptrace(PTRACE_PEEKDATA, getppid(), nullptr, nullptr); }},
    {"process_vm_readv", [] { return process_vm_readv(getppid(), nullptr, 0, nullptr, 0, 0); }},
    {"process_vm_writev", [] { return process_vm_writev(getppid(), nullptr, 0, nullptr, 0, 0); }},
    {"setuid", [] { return syscall(SYS_setuid, getuid()); }},
    {"unshare", [] { return unshare(CLONE_FS); }},
    {"mount", [] { return syscall(SYS_mount, "none", "/backline-there-is-no-such-folder", "tmpfs", 0, nullptr); }},
    {"setting a limit", [] { rlimit limit{RLIM_INFINITY, RLIM_INFINITY}; return syscall(SYS_prlimit64, getppid(), 99, &limit, nullptr); }},
    {"prctl", [] { return prctl(PR_SET_DUMPABLE, prctl(PR_GET_DUMPABLE)); }},
    {"typing into the terminal", [] { char letter = 0; return ioctl(STDERR_FILENO, TIOCSTI, &letter); }},
    {"perf_event_open", [] { return syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0); }},
    {"bpf", [] { return syscall(SYS_bpf, 0, nullptr, 0); }},
    {"io_uring_setup", [] { return syscall(SYS_io_uring_setup, 0, nullptr); }},
    {"keyctl", [] { return syscall(SYS_keyctl, 0, 0, 0, 0, 0); }},
};

}  // namespace

std::string callsNotDenied() {
  std::string allowed;
  for (const auto& [name, call] : kCalls) {
    errno = 0;
    const long result = call();
    if (result < 0 && errno == EPERM) continue;
    allowed += std::string(name) + ": " + (result < 0 ? std::strerror(errno) : "allowed") + "\n";
  }
  return allowed;
}

int seccompMode() { return prctl(PR_GET_SECCOMP); }

}  // namespace backline::host::test
