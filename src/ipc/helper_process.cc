#include "ipc/helper_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern "C" {
#include <sys/pidfd.h>  // of glibc 2.36, which forgot to say so
}

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <fstream>

#include "transport/error.h"

namespace backline::ipc {
namespace {

using transport::Fd;
using transport::TransportError;

constexpr int kSocketFd = 3;

[[noreturn]] void fail(const std::string& what, int error) { throw TransportError(what + ": " + std::strerror(error)); }

void check(int error, const char* what) {
  if (error != 0) fail(what, error);
}

/// What posix_spawn does between vfork and exec.
class SpawnPlan {
 public:
  SpawnPlan() {
    check(posix_spawn_file_actions_init(&actions_), "file actions of a helper process");
    check(posix_spawnattr_init(&attributes_), "attributes of a helper process");
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void keepOnly(int socket) {
    // A duplicate onto its own number clears close-on-exec, too.
    check(posix_spawn_file_actions_adddup2(&actions_, socket, kSocketFd), "socket of a helper process");
    check(posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0), "/dev/null");
    check(posix_spawn_file_actions_addclosefrom_np(&actions_, kSocketFd + 1), "descriptors of a helper process");
  }

  /// Both outputs go to this process's standard error. Node marks its own descriptors close-on-exec, so they are not inherited as they are.
  void outputsToStandardError(bool open) {
    if (open) {
      check(posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDERR_FILENO), "standard error of a helper process");
    } else {
      check(posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0), "/dev/null");
    }
    check(posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO), "standard output of a helper process");
  }

  void ownGroupAndDefaultSignals() {
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    check(posix_spawnattr_setsigdefault(&attributes_, &all), "signals of a helper process");
    check(posix_spawnattr_setsigmask(&attributes_, &none), "signals of a helper process");
    check(posix_spawnattr_setpgroup(&attributes_, 0), "process group of a helper process");
    check(posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK),
          "attributes of a helper process");
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// The wait status waitpid would give. 0 if someone else has reaped the child already.
int waitStatus(const siginfo_t& info) {
  switch (info.si_code) {
    case CLD_EXITED: return W_EXITCODE(info.si_status, 0);
    case CLD_KILLED: return W_EXITCODE(0, info.si_status);
    case CLD_DUMPED: return W_EXITCODE(0, info.si_status) | WCOREFLAG;
    default: return 0;
  }
}

int reap(const Fd& pidFd, int flags) {
  siginfo_t info{};
  while (waitid(P_PIDFD, static_cast<id_t>(pidFd.get()), &info, WEXITED | flags) != 0 && errno == EINTR) {
  }
  return waitStatus(info);
}

}  // namespace

HelperProcess HelperProcess::start(const std::vector<std::string>& command, const std::string& processName) {
  if (command.empty()) throw TransportError("a helper process needs a program to run: the command is empty");
  const bool hasStandardError = fcntl(STDERR_FILENO, F_GETFD) >= 0;   // asked first: the socket could take its number
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) fail("socketpair of " + processName, errno);
  HelperProcess helper;
  helper.socket_ = Fd(pair[0]);
  const Fd theirs(pair[1]);

  SpawnPlan plan;
  plan.keepOnly(theirs.get());
  plan.outputsToStandardError(hasStandardError);
  plan.ownGroupAndDefaultSignals();
  std::vector<char*> arguments{const_cast<char*>(processName.c_str())};
  for (std::size_t i = 1; i < command.size(); ++i) arguments.push_back(const_cast<char*>(command[i].c_str()));
  arguments.push_back(nullptr);
  const int error = posix_spawnp(&helper.pid_, command[0].c_str(), plan.actions(), plan.attributes(), arguments.data(), environ);
  if (error != 0) fail("cannot start " + processName + " (" + command[0] + ")", error);

  // The child is ours and not yet reaped, so its pid cannot have been given to anybody else.
  helper.pidFd_ = Fd(pidfd_open(helper.pid_, 0));
  if (!helper.pidFd_) {
    const int why = errno;
    ::kill(helper.pid_, SIGKILL);
    waitpid(helper.pid_, nullptr, 0);
    fail("pidfd of " + processName, why);
  }
  return helper;
}

HelperProcess::~HelperProcess() {
  if (pidFd_) reap(pidFd_, WNOHANG);
}

void HelperProcess::kill() const {
  if (pidFd_) pidfd_send_signal(pidFd_.get(), SIGKILL, nullptr, 0);
}

bool HelperProcess::isStopped() const {
  std::string text;
  std::getline(std::ifstream("/proc/" + std::to_string(pid_) + "/stat"), text);
  const std::size_t name = text.rfind(')');   // which may hold anything
  return name != std::string::npos && text.compare(name, 3, ") T") == 0;
}

double HelperProcess::processorTime() const {
  clockid_t clock{};
  timespec spent{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &spent) != 0) return 0;
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

int HelperProcess::finish(int milliseconds) {
  if (!pidFd_) return 0;
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
  pollfd ended{pidFd_.get(), POLLIN, 0};
  int left = milliseconds;
  while (poll(&ended, 1, left) < 0 && errno == EINTR) {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    left = static_cast<int>(std::max<std::int64_t>(0, rest.count()));
  }
  if ((ended.revents & POLLIN) == 0) pidfd_send_signal(pidFd_.get(), SIGKILL, nullptr, 0);
  const int status = reap(pidFd_, 0);
  pidFd_.reset();
  return status;
}

}  // namespace backline::ipc
