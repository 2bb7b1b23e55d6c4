#include "media/decode_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "ipc/syscall_filter.h"
#include "media/decode_guest.h"
#include "media/decode_protocol.h"
#include "media/decode_walls.h"

namespace backline::media {

namespace {

using transport::Fd;

constexpr int kSocketFd = 3;

class Server {
 public:
  explicit Server(Fd control) : control_(std::move(control)) {
    sigset_t ended;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ended, nullptr);
    ends_ = Fd(signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  ~Server() {
    for (const auto& [pid, socket] : guests_) ::kill(pid, SIGKILL);
    for (const auto& [pid, socket] : guests_) waitpid(pid, nullptr, 0);
  }

  void run() {
    bool open = true;
    while (open) {
      std::vector<pollfd> watched{{control_.get(), POLLIN, 0}, {ends_.get(), POLLIN, 0}};
      std::vector<pid_t> pids;
      for (const auto& [pid, socket] : guests_) {
        watched.push_back({socket.get(), 0, 0});   // its hang-up
        pids.push_back(pid);
      }
      if (poll(watched.data(), watched.size(), -1) < 0) continue;
      for (std::size_t i = 0; i < pids.size(); ++i) {
        if (watched[i + 2].revents & (POLLHUP | POLLERR)) giveUp(pids[i]);
      }
      if (watched[1].revents) reap();
      if (watched[0].revents) open = take();
    }
  }

 private:
  /// False: the program has gone.
  bool take() {
    char word;
    std::vector<Fd> sockets;
    if (receiveMessage(control_.get(), &word, sizeof word, sockets) <= 0) return false;
    for (Fd& socket : sockets) begin(std::move(socket));
    return true;
  }

  void begin(Fd socket) {
    const pid_t self = getpid(), pid = fork();
    if (pid == 0) become(std::move(socket), self);
    if (pid > 0) guests_.emplace(pid, std::move(socket));
    else std::fprintf(stderr, "backline-decode: no process can be made to decode in: %s\n", std::strerror(errno));
  }

  /// The new process keeps its own socket and nothing else.
  [[noreturn]] static void become(Fd socket, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nothing, stream);
    if (dup2(socket.get(), kSocketFd) < 0 || close_range(kSocketFd + 1, ~0U, 0) != 0) _exit(1);
    static_cast<void>(socket.release());
    serveGuest(Fd(kSocketFd));
    _exit(0);
  }

  /// The program does not wait for it any more. Its socket is kept until it has been reaped, when its number is free.
  void giveUp(pid_t pid) {
    ::kill(pid, SIGKILL);
    guests_[pid] = Fd();
  }

  void reap() {
    signalfd_siginfo told;
    while (read(ends_.get(), &told, sizeof told) > 0) {
    }
    for (siginfo_t end{}; waitid(P_ALL, 0, &end, WEXITED | WNOHANG | WNOWAIT) == 0 && end.si_pid != 0; end = {}) {
      if (const auto guest = guests_.find(end.si_pid); guest != guests_.end()) {
        // Behind its answer, if it gave one, which nobody reads on from.
        DecodeReply reply;
        reply.waitStatus = end.si_code == CLD_EXITED ? end.si_status << 8 : end.si_status;
        send(guest->second.get(), &reply, sizeof reply, MSG_NOSIGNAL | MSG_DONTWAIT);
        guests_.erase(guest);
      }
      waitpid(end.si_pid, nullptr, 0);   // only now: who sees it gone finds that it was told
    }
  }

  const Fd control_;
  Fd ends_;   // of children
  std::unordered_map<pid_t, Fd> guests_;
};

/// Says once, before any file, if the kernel does not let walls stand: files are decoded all the same, within limits.
void tellOfWalls() {
  const pid_t pid = fork();
  if (pid == 0) {
    const std::string why = enterDecodeWalls({1 << 28, 1 << 20, 1});
    if (!why.empty() && ipc::whyWithoutWalls().empty()) std::fprintf(stderr, "backline-decode: no sandbox: %s\n", why.c_str());
    _exit(0);
  }
  if (pid > 0) waitpid(pid, nullptr, 0);
}

}  // namespace

int runDecodeServer(Fd control) {
  prctl(PR_SET_NAME, "backline-decode");
  tellOfWalls();
  Server(std::move(control)).run();
  return 0;
}

}  // namespace backline::media
