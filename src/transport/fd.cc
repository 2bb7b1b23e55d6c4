#include "transport/fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "transport/error.h"

namespace backline::transport {

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void Fd::reset() {
  // After EINTR Linux has closed the descriptor already: a second close could hit somebody else's.
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Fd Fd::duplicate() const {
  const int copy = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) {
    throw TransportError("cannot duplicate descriptor " + std::to_string(fd_) + ": " + std::strerror(errno));
  }
  return Fd(copy);
}

}  // namespace backline::transport
