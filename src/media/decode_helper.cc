#include "media/decode_helper.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "ipc/helper_process.h"
#include "media/decode_protocol.h"
#include "session/find_helpers.h"
#include "transport/error.h"

namespace backline::media {

namespace {

using transport::Fd;

constexpr int kGraceMilliseconds = 1500;   // that an idle helper has to end

/// Something has come that was not asked for: the process at the other end has ended.
bool hasWord(const Fd& socket) {
  pollfd told{socket.get(), POLLIN, 0};
  return poll(&told, 1, 0) != 0;
}

}  // namespace

std::string howGuestEnded(int status) {
  if (!WIFSIGNALED(status)) return "ended with exit status " + std::to_string(WEXITSTATUS(status));
  return "was ended by signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
}

std::string printable(std::string text) {
  for (char& each : text) {
    if (static_cast<unsigned char>(each) < ' ' || each == '\x7f') each = '?';
  }
  return text;
}

// ------------------------------------------------------------------ guests

DecodeHelper::Guest::Guest(Guest&& other) noexcept : helper_(std::exchange(other.helper_, nullptr)), socket_(std::move(other.socket_)) {}

DecodeHelper::Guest& DecodeHelper::Guest::operator=(Guest&& other) noexcept {
  std::swap(helper_, other.helper_);
  std::swap(socket_, other.socket_);
  return *this;
}

DecodeHelper::Guest::~Guest() {
  socket_.reset();
  if (helper_) helper_->leave();
}

void DecodeHelper::leave() {
  const std::lock_guard lock(mutex_);
  --guests_;
}

// ------------------------------------------------------------------ the helper

class DecodeHelper::Process {
 public:
  explicit Process(const std::vector<std::string>& command) : process_(ipc::HelperProcess::start(command, "backline-decode")), socket_(process_.takeSocket()) {}
  ~Process() {
    socket_.reset();
    process_.finish(kGraceMilliseconds);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int pid() const { return process_.pid(); }
  /// False: it has ended.
  bool pass(const Fd& socket) const {
    const char word = 0;
    return sendMessage(socket_.get(), &word, sizeof word, {socket.get()});
  }

 private:
  ipc::HelperProcess process_;
  Fd socket_;
};

DecodeHelper::DecodeHelper(DecodeHelperOptions options) : options_(std::move(options)) {}

DecodeHelper::~DecodeHelper() { shut(); }

void DecodeHelper::shut() {
  std::unique_ptr<Process> process;
  std::thread keeper;
  {
    const std::lock_guard lock(mutex_);
    shut_ = true;
    spare_.reset();
    process = std::move(process_);
    keeper = std::move(keeper_);
    changed_.notify_all();
  }
  if (keeper.joinable()) keeper.join();
}

int DecodeHelper::pid() const {
  const std::lock_guard lock(mutex_);
  return process_ ? process_->pid() : 0;
}

/// The program's end of a socket at whose other end a process is being forked; none: the helper has ended. `process_` is there.
Fd DecodeHelper::fork() {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) throw std::runtime_error(std::string("no socket can be made: ") + std::strerror(errno));
  Fd ours(pair[0]);
  const Fd theirs(pair[1]);
  return process_->pass(theirs) ? std::move(ours) : Fd();
}

Fd DecodeHelper::take() {
  if (shut_) throw std::runtime_error("the program is ending");
  if (Fd waiting = std::exchange(spare_, Fd()); waiting && !hasWord(waiting)) return waiting;
  if (process_) {
    if (Fd socket = fork()) return socket;
    process_.reset();
  }
  try {
    process_ = std::make_unique<Process>(options_.command.empty() ? std::vector{session::findHelper("backline-decode", options_.helperFolder)} : options_.command);
  } catch (const transport::TransportError& error) {
    throw std::runtime_error(std::string(error.what()) + "; ./run builds it, ./run doctor says what is missing");
  }
  if (!keeper_.joinable()) keeper_ = std::thread([this] { keep(); });
  changed_.notify_all();
  if (Fd socket = fork()) return socket;
  throw std::runtime_error("backline-decode ended as it was started");
}

DecodeHelper::Guest DecodeHelper::open() {
  const std::lock_guard lock(mutex_);
  Fd socket = take();
  ++guests_;
  ++begun_;
  return Guest(*this, std::move(socket));
}

void DecodeHelper::prepare() {
  const std::lock_guard lock(mutex_);
  if (process_ && !spare_) spare_ = fork();
}

/// Ends the helper when there has been no guest for a while.
void DecodeHelper::keep() {
  std::unique_lock lock(mutex_);
  while (!shut_) {
    const std::uint64_t seen = begun_;
    changed_.wait_for(lock, std::chrono::duration<double>(options_.idle), [&] { return shut_; });
    if (guests_ == 0 && begun_ == seen) {
      spare_.reset();
      process_.reset();
    }
    changed_.wait(lock, [&] { return shut_ || process_; });
  }
}

}  // namespace backline::media
