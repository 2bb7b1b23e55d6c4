#include "transport/notify_fd.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>

#include "transport/error.h"
#include "transport/realtime.h"

namespace backline::transport {

namespace {

/// Told without /proc, which a sandboxed process cannot open: of what has no file behind it, an eventfd alone takes eight bytes of zero, and they
/// change nothing.
bool isEventfd(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0 || (info.st_mode & S_IFMT) != 0) return false;
  const std::uint64_t nothing = 0;
  return ::write(fd, &nothing, sizeof nothing) == sizeof nothing;
}

}  // namespace

NotifyFd NotifyFd::create() {
  Fd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) throw TransportError(std::string("cannot create an eventfd: ") + std::strerror(errno));
  return NotifyFd(std::move(fd));
}

NotifyFd NotifyFd::adopt(Fd fd) {
  const std::string what = "descriptor " + std::to_string(fd.get()) + " passed for notifications";
  const int flags = ::fcntl(fd.get(), F_GETFL);
  if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    throw TransportError("cannot make the " + what + " non-blocking: " + std::strerror(errno));
  }
  if (!isEventfd(fd.get())) throw TransportError(what + " is no eventfd");
  return NotifyFd(std::move(fd));
}

// One system call on a non-blocking descriptor: the one exception to "no system calls" that the render thread
// has.
void NotifyFd::signal() const noexcept {
  const RealtimeExempt exempt;
  const std::uint64_t one = 1;
  // EAGAIN means that the counter is full, so the signal is there already.
  while (::write(fd_.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
}

bool NotifyFd::drain() const noexcept {
  const RealtimeExempt exempt;
  std::uint64_t count = 0;
  ssize_t got;
  do {
    got = ::read(fd_.get(), &count, sizeof count);
  } while (got < 0 && errno == EINTR);
  return got == sizeof count;
}

bool NotifyFd::wait(int milliseconds) const noexcept {
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;
  const Clock::time_point deadline = Clock::now() + Milliseconds(milliseconds < 0 ? 0 : milliseconds);
  int left = milliseconds;
  for (;;) {
    pollfd entry{fd_.get(), POLLIN, 0};
    const int ready = ::poll(&entry, 1, left);
    if (ready > 0 && drain()) return true;
    if (ready > 0 && (entry.revents & POLLIN) == 0) return false;
    if (ready < 0 && errno != EINTR) return false;
    if (milliseconds < 0) continue;
    left = static_cast<int>(std::chrono::ceil<Milliseconds>(deadline - Clock::now()).count());
    if (left <= 0) return drain();
  }
}

}  // namespace backline::transport
