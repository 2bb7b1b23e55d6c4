#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "transport/shared_memory.h"

namespace backline::transport {

// BlockStream: a single-producer single-consumer stream of length-prefixed records in shared memory (or, for queues
// inside one process, in private memory). Byte layout: docs/formats/block-stream.md. A message larger than a
// fragment is split by the writer and put together by the reader; readers see whole messages only.
// Lengths and counters read from the segment are checked before use; a corrupt stream is reported, never followed.

/// Creates the segment; `capacityBytes` is rounded up to a power of two. Throws TransportError.
SharedMemory createBlockStream(const char* name, std::uint32_t capacityBytes);

class BlockWriter {
 public:
  BlockWriter() = default;
  explicit BlockWriter(SharedMemory memory);

  const SharedMemory& memory() const;
  /// The longest record that tryWrite can ever take.
  std::uint32_t maxRecord() const noexcept;
  /// Appends one record whole, or returns false and changes nothing. Never allocates. [writer thread, may be render]
  bool tryWrite(std::span<const std::byte> record) noexcept;

 private:
  friend class MessageWriter;
  bool tryWriteFragment(std::span<const std::byte> part, bool more) noexcept;
  SharedMemory memory_;
};

/// Reliable messages of any size over a BlockWriter: what does not fit waits, in order, in a heap queue.
/// Thread safety: one thread at a time (callers lock); never the render thread.
class MessageWriter {
 public:
  MessageWriter() = default;
  explicit MessageWriter(SharedMemory memory);
  /// Queues the message and writes what fits now. Returns true if nothing is left waiting.
  bool send(std::vector<std::byte> message);
  /// Writes more of what waits. Returns true if nothing is left waiting.
  bool flush();
  std::size_t waitingBytes() const;

 private:
  BlockWriter writer_;
  std::deque<std::vector<std::byte>> waiting_;
  std::size_t offset_ = 0;
};

class BlockReader {
 public:
  BlockReader() = default;
  explicit BlockReader(SharedMemory memory);
  const SharedMemory& memory() const;

  enum class Result { none, message, corrupt };
  /// Copies the next whole message out of the ring into `message`. `corrupt` is final. [reader thread, not render: allocates]
  Result read(std::vector<std::byte>& message);
  /// Copies the next record into `buffer`, for readers that may not allocate: returns its length, 0 if there is
  /// none; a record that is longer than the buffer or a fragment counts as corrupt (see corrupt()). [may be render]
  std::uint32_t readRecord(std::span<std::byte> buffer) noexcept;
  bool corrupt() const noexcept;
  bool empty() const noexcept;

 private:
  SharedMemory memory_;
  std::vector<std::byte> partial_;
};

}  // namespace backline::transport
