#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "transport/fd.h"

namespace backline::transport {

/// The largest segment that is made or accepted: a peer cannot make us map more than this.
inline constexpr std::size_t kMaxSegmentBytes = std::size_t{1} << 30;

/// A mapped memfd, sealed against shrinking and growing. Both sides map it writable.
/// Thread safety: the mapping may be used from any thread; the object moves with its owner.
class SharedMemory {
 public:
  SharedMemory() = default;
  /// A new zeroed segment. `name` appears in /proc only. Throws TransportError. [any thread but render]
  static SharedMemory create(const char* name, std::size_t bytes);
  /// Maps a segment that a peer passed. Refuses what is not a memfd sealed against shrinking. Throws
  /// TransportError.
  static SharedMemory map(Fd fd);
  /// The same of a descriptor that need not be writable: nothing may be stored into bytes(). Throws TransportError.
  static SharedMemory mapReadOnly(Fd fd);
  /// A part of what somebody else has mapped, and keeps so while it holds `owner`. It cannot be passed on.
  static SharedMemory within(std::span<std::byte> bytes, std::shared_ptr<const void> owner);

  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  ~SharedMemory();

  std::span<std::byte> bytes() const { return bytes_; }
  const Fd& fd() const { return fd_; }
  /// The mapping stays; it cannot be passed on any more.
  void closeFd() { fd_.reset(); }
  explicit operator bool() const { return bytes_.data() != nullptr; }

 private:
  SharedMemory(Fd fd, std::size_t bytes, int protection, const char* what);
  static SharedMemory mapPassed(Fd fd, int protection);

  void release() noexcept;

  Fd fd_;
  std::span<std::byte> bytes_;
  std::shared_ptr<const void> owner_;   ///< of the mapping; null: this
};

}  // namespace backline::transport
