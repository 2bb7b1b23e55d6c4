#pragma once

#include <cstdint>

#include "transport/shared_memory.h"

namespace backline::transport {

/// What a full ring does with new frames. Either way what is lost is counted in the ring.
enum class Overflow : std::uint32_t { refuse = 0, dropOldest = 1 };

/// What the writer says of itself, so that an empty ring can be told from an underrun.
enum class WriterState : std::uint32_t { starting = 0, running = 1, paused = 2, ended = 3 };

struct RingFormat {
  std::uint32_t channels = 2;        ///< 1 … 32, interleaved
  float sampleRate = 48000;          ///< Hz
  std::uint32_t capacityFrames = 0;  ///< any number ≥ 1; rounded up to a power of two
  Overflow overflow = Overflow::refuse;
};

/// Where a captured or played frame stood on other clocks; written beside the frames it describes.
struct TimelineMark {
  std::uint64_t frame = 0;        ///< position in this stream
  std::uint64_t sourceFrame = 0;  ///< the same instant in the source's own count
  std::int64_t nanoseconds = 0;   ///< CLOCK_MONOTONIC
  std::uint32_t generation = 0;   ///< changes at every discontinuity
};

// RingStream: a single-producer single-consumer ring of interleaved float32 frames in shared memory.
// Byte layout: docs/formats/ring-stream.md. Writer and reader each count frames monotonically; only the
// difference of the counters says how full the ring is. Every value read from the segment is bounded before use:
// a peer that writes nonsense there can spoil sound, never memory.

/// Creates the segment. Throws TransportError naming the impossible field. [any thread but render]
SharedMemory createRingStream(const char* name, const RingFormat& format);

class RingWriter {
 public:
  RingWriter() = default;
  /// Checks magic, version, sizes, counters. Throws TransportError.
  explicit RingWriter(SharedMemory memory);

  const RingFormat& format() const;
  const SharedMemory& memory() const;
  /// Frames that fit without loss. [writer thread, may be render]
  std::uint32_t space() const noexcept;
  /// Frames written and not yet read. [writer thread, may be render]
  std::uint32_t fill() const noexcept;
  /// Appends up to `frames` frames (interleaved). Returns how many were taken; what was refused is counted. [writer thread, may be render]
  std::uint32_t write(const float* interleaved, std::uint32_t frames) noexcept;
  /// Frames ever written. [any thread]
  std::uint64_t written() const noexcept;
  /// Frames ever consumed. [any thread]
  std::uint64_t consumed() const noexcept;
  void setState(WriterState state) noexcept;
  /// Publishes a mark (two-slot page inside the ring). [writer thread, may be render]
  void mark(const TimelineMark& mark) noexcept;

 private:
  struct Impl;  // layout pointers only
  SharedMemory memory_;
};

class RingReader {
 public:
  RingReader() = default;
  explicit RingReader(SharedMemory memory);

  const RingFormat& format() const;
  const SharedMemory& memory() const;
  std::uint32_t available() const noexcept;
  /// Takes up to `frames` frames; returns how many. [reader thread, may be render]
  std::uint32_t read(float* interleaved, std::uint32_t frames) noexcept;
  /// Records that a consumer wanted `frames` frames more than there were. [reader thread]
  void countUnderrun(std::uint32_t frames) noexcept;
  std::uint64_t consumed() const noexcept;
  std::uint64_t dropped() const noexcept;         ///< frames lost to overflow
  std::uint64_t underruns() const noexcept;       ///< times countUnderrun was called
  std::uint64_t underrunFrames() const noexcept;
  WriterState writerState() const noexcept;
  /// The newest mark; false if there was none. [reader thread]
  bool mark(TimelineMark& out) const noexcept;

 private:
  SharedMemory memory_;
};

}  // namespace backline::transport
