#pragma once

#include <utility>

namespace backline::transport {

/// Owns one file descriptor; closes it. Not thread-safe.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset();
  /// A second descriptor for the same file, close-on-exec. Throws TransportError.
  Fd duplicate() const;

 private:
  int fd_ = -1;
};

}  // namespace backline::transport
