#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "transport/shared_memory.h"

namespace backline::transport {

// BlockStream: a single-producer single-consumer stream of length-prefixed records in shared memory (or, for
// queues inside one process, in private memory). Byte layout: docs/formats/block-stream.md. A message larger
// than a fragment is split by the writer and put together by the reader; readers see whole messages only.
// Lengths and counters read from the segment are checked before use; a corrupt stream is reported, never
// followed.

/// Creates the segment; `capacityBytes` is rounded up to a power of two. Throws TransportError.
SharedMemory createBlockStream(const char* name, std::uint32_t capacityBytes);

/// Lays an empty stream into memory that is zero: a header and a power of two of bytes. Throws TransportError.
void layBlockStream(std::span<std::byte> memory);

/// Made by default it only takes an assignment.
class BlockWriter {
 public:
  BlockWriter() = default;
  /// Checks magic, version, sizes, counters. Throws TransportError.
  explicit BlockWriter(SharedMemory memory);

  const SharedMemory& memory() const { return memory_; }
  /// The longest record that tryWrite can ever take.
  std::uint32_t maxRecord() const noexcept;
  /// Appends one record whole, or returns false and changes nothing. Never allocates. [writer thread, may be
  /// render]
  bool tryWrite(std::span<const std::byte> record) noexcept;

 private:
  friend class MessageWriter;
  bool hasRoomFor(std::size_t length) const noexcept;
  bool tryWriteFragment(std::span<const std::byte> part, std::uint32_t flags) noexcept;

  SharedMemory memory_;
  std::uint32_t capacity_ = 0;  // as checked at the start: never read from the segment again
  std::uint64_t written_ = 0;
};

/// Reliable messages of any size over a BlockWriter: what does not fit waits, in order, in a heap queue.
/// Thread safety: one thread at a time (callers lock); never the render thread.
class MessageWriter {
 public:
  MessageWriter() = default;
  explicit MessageWriter(SharedMemory memory);
  const SharedMemory& memory() const { return writer_.memory(); }
  /// Queues the message and writes what fits now. Returns true if nothing is left waiting. Throws
  /// TransportError for a message of more than 1 GiB, which no reader would take.
  bool send(std::vector<std::byte> message);
  /// Writes more of what waits. Returns true if nothing is left waiting.
  bool flush();
  /// Whether flush() would write anything.
  bool hasRoom() const noexcept;
  std::size_t waitingBytes() const { return waitingBytes_; }

 private:
  BlockWriter writer_;
  std::deque<std::vector<std::byte>> waiting_;
  std::size_t offset_ = 0;  // bytes of the first waiting message that are written already
  std::size_t waitingBytes_ = 0;
};

/// Made by default it only takes an assignment.
class BlockReader {
 public:
  BlockReader() = default;
  /// Checks magic, version, sizes, counters. Throws TransportError.
  explicit BlockReader(SharedMemory memory);
  const SharedMemory& memory() const { return memory_; }

  enum class Result { none, message, corrupt };
  /// Copies the next whole message out of the ring into `message`. `corrupt` is final. [reader thread, not
  /// render: allocates]
  Result read(std::vector<std::byte>& message);
  /// Copies the next record into `buffer`, for readers that may not allocate: returns its length, 0 if there
  /// is none; a record that is longer than the buffer or a fragment counts as corrupt (see corrupt()).
  /// Records without bytes are passed over. [reader thread, may be render]
  std::uint32_t readRecord(std::span<std::byte> buffer) noexcept;
  /// The peer broke the stream: nothing more will be read. [reader thread, may be render]
  bool corrupt() const noexcept { return corrupt_; }
  /// [reader thread, may be render]
  bool empty() const noexcept;

 private:
  struct Record;
  bool next(Record& record) noexcept;
  void copyOut(const Record& record, std::byte* to) const noexcept;
  void release(const Record& record) noexcept;

  SharedMemory memory_;
  std::uint32_t capacity_ = 0;  // as checked at the start: never read from the segment again
  std::uint64_t read_ = 0;
  bool corrupt_ = false;
  bool assembling_ = false;
  std::vector<std::byte> partial_;
};

}  // namespace backline::transport
