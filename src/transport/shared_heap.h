#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "transport/fd.h"

namespace backline::transport {

/// A sparse segment out of which one process cuts blocks for what several processes are to see: SharedArrayBuffers lie in one. Whoever it is
/// passed to maps it whole; a page takes memory when it is first touched. What is cut and what is free only the cutting process
/// knows, so that a peer can spoil what is in a block, never the heap. Layout: docs/formats/shared-heap.md. [any thread but render]
class SharedHeap {
 public:
  static constexpr std::uint64_t kBytes = std::uint64_t{1} << 36;
  static constexpr std::uint64_t kGrain = 64;       ///< bytes: what blocks are aligned to
  static constexpr std::uint64_t kPage = 4096;      ///< from here on blocks begin and end with a page

  /// At most `most` bytes of blocks at once. Throws TransportError.
  static std::shared_ptr<SharedHeap> create(std::uint64_t most = kBytes);
  /// One that a peer passed, to be cut (by this process alone) or only looked at. Throws TransportError for what is none.
  static std::shared_ptr<SharedHeap> map(Fd fd, std::uint64_t most = kBytes);
  ~SharedHeap();
  SharedHeap(const SharedHeap&) = delete;
  SharedHeap& operator=(const SharedHeap&) = delete;

  /// A number that no other heap has.
  std::uint64_t id() const { return id_; }
  const Fd& fd() const { return fd_; }
  std::byte* at(std::uint64_t offset) const { return base_ + offset; }
  /// Where in the heap an address is; nothing if it is elsewhere.
  std::optional<std::uint64_t> offsetOf(const void* address) const;
  /// Whether a block of this place and size can be.
  bool holds(std::uint64_t offset, std::uint64_t bytes) const { return offset >= kPage && offset <= kBytes && bytes <= kBytes - offset; }

  /// A zeroed block; nothing if there is no room.
  std::optional<std::uint64_t> allocate(std::uint64_t bytes);
  /// Gives the memory back.
  void free(std::uint64_t offset);
  /// Bytes of all blocks.
  std::uint64_t used() const;

 private:
  SharedHeap(Fd fd, std::uint64_t most);

  Fd fd_;
  const std::uint64_t most_;
  std::byte* base_ = nullptr;
  std::uint64_t id_ = 0;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::uint64_t> free_, used_;   // offset → bytes
  std::uint64_t usedBytes_ = 0;
};

/// What a process is given to take part: the heap of who invites it, one to cut from itself, a BlockStream in each direction, and the eventfds
/// that wake the inviting process and it.
struct SharedMemoryEnds {
  Fd heap, ownHeap, toPeer, fromPeer, bell, ownBell;
  std::shared_ptr<void> membership;   ///< of the inviting side: what the other still holds is let go with it
};

}  // namespace backline::transport
