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

/// Frames that are missing between two frames of a stream.
struct RingGap {
  std::uint64_t frame = 0;  ///< position in the stream of the first frame after them
  std::uint64_t lost = 0;   ///< how many; a writer says so, and it may be anything
  std::uint64_t refused = 0;  ///< of those, how many a ring that refuses had no room for
};

// RingStream: a single-producer single-consumer ring of interleaved float32 frames in shared memory.
// Byte layout: docs/formats/ring-stream.md. Writer and reader each count frames monotonically; only the
// difference of the counters says how full the ring is. Every value read from the segment is bounded before
// use: a peer that writes nonsense there can spoil sound, never memory.

/// Creates the segment. Throws TransportError naming the impossible field. [any thread but render]
SharedMemory createRingStream(const char* name, const RingFormat& format);

/// Made by default it only takes an assignment.
class RingWriter {
 public:
  RingWriter() = default;
  /// Checks magic, version, sizes, counters. Throws TransportError.
  explicit RingWriter(SharedMemory memory);

  const RingFormat& format() const { return format_; }
  const SharedMemory& memory() const { return memory_; }
  /// Frames that fit without loss. [writer thread, may be render]
  std::uint32_t space() const noexcept;
  /// Frames written and not yet read. [writer thread, may be render]
  std::uint32_t fill() const noexcept;
  /// Appends up to `frames` frames (interleaved). Returns how many were taken; what was refused is counted.
  /// With dropOldest all are taken, and a reader that was too slow finds the newest. [writer thread, may be
  /// render]
  std::uint32_t write(const float* interleaved, std::uint32_t frames) noexcept;
  /// Counts frames that are not offered because there was no room for them, where write() would have counted them.
  /// [writer thread, may be render]
  void countRefused(std::uint32_t frames) noexcept;
  /// Tells the reader that `frames` frames were lost between what is written already and what comes next. What is
  /// refused is told without. [writer thread, may be render]
  void gap(std::uint64_t frames) noexcept;
  /// Frames ever written. [any thread]
  std::uint64_t written() const noexcept;
  /// Frames ever consumed. [any thread]
  std::uint64_t consumed() const noexcept;
  /// [writer thread, may be render]
  void setState(WriterState state) noexcept;
  /// Publishes a mark (two-slot page inside the ring). [writer thread, may be render]
  void mark(const TimelineMark& mark) noexcept;
  /// The newest mark that was published, by this writer or one before; false if there was none. [writer thread, may be render]
  bool newestMark(TimelineMark& out) const noexcept;

 private:
  void logGap(std::uint64_t frames, std::uint64_t refused) noexcept;
  void copyIn(const float* interleaved, std::uint64_t frame, std::uint32_t frames) noexcept;

  SharedMemory memory_;
  RingFormat format_;  // as checked at the start: sizes are never read from the segment again
  struct {
    std::uint64_t written = 0;
    std::uint64_t claimed = 0;
    std::uint64_t marks = 0;
    std::uint64_t gaps = 0;
  } writer_;
};

/// Made by default it only takes an assignment.
class RingReader {
 public:
  RingReader() = default;
  /// Checks magic, version, sizes, counters. Throws TransportError.
  explicit RingReader(SharedMemory memory);

  const RingFormat& format() const { return format_; }
  const SharedMemory& memory() const { return memory_; }
  /// Frames that can be read now. [reader thread, may be render]
  std::uint32_t available() const noexcept;
  /// Takes up to `frames` frames; returns how many. They are whole and follow one another: their positions in
  /// the stream are consumed() - returned … consumed() - 1, and what was lost lies before them. `interleaved`
  /// beyond what is returned may have been scribbled on. [reader thread, may be render]
  std::uint32_t read(float* interleaved, std::uint32_t frames) noexcept;
  /// Copies the newest `frames` frames without consuming them, oldest first. What lies before the beginning of the
  /// stream, or deeper than the ring (one that refuses: than what was not read yet), is zeros. The frames are whole and
  /// follow one another. Returns the position in the stream after the newest; 0, and zeros, if the writer laps every
  /// one of several tries, which takes a reader that wants nearly the whole ring. [reader thread, may be render]
  std::uint64_t readNewest(float* interleaved, std::uint32_t frames) const noexcept;
  /// As read(), for frames that nobody wants to see. [reader thread, may be render]
  std::uint32_t skip(std::uint32_t frames) noexcept;
  /// Records that a consumer wanted `frames` frames more than there were. [reader thread]
  void countUnderrun(std::uint32_t frames) noexcept;
  std::uint64_t consumed() const noexcept;        ///< frames read or lost to dropOldest [any thread]
  std::uint64_t dropped() const noexcept;         ///< frames lost to overflow [any thread]
  std::uint64_t underruns() const noexcept;       ///< times countUnderrun was called [any thread]
  std::uint64_t underrunFrames() const noexcept;  ///< [any thread]
  /// Ask before available(): what an ended writer wrote is then all there. [any thread]
  WriterState writerState() const noexcept;
  /// The newest mark; false if there was none. [reader thread]
  bool mark(TimelineMark& out) const noexcept;
  /// Frames written; nonsense of a peer's is what was read already. [any thread]
  std::uint64_t written() const noexcept;
  /// The oldest gap not yet taken; false if there is none. Ask after available(): every gap before the frames that
  /// it counts is then told, and whole; one behind the newest of them may grow. Of more than the log holds, the
  /// oldest are told as one. What an overtaken reader has lost is no gap: consumed() tells. [reader thread]
  bool nextGap(RingGap& out) const noexcept;
  /// Takes what nextGap() has told. [reader thread]
  void takeGap(const RingGap& gap) noexcept;

 private:
  void copyOut(float* interleaved, std::uint64_t frame, std::uint32_t frames) const noexcept;
  void advance(std::uint64_t frames, std::uint64_t overtaken) noexcept;

  SharedMemory memory_;
  RingFormat format_;  // as checked at the start: sizes are never read from the segment again
  struct {
    std::uint64_t consumed = 0;
    std::uint64_t overtaken = 0;
    std::uint64_t lost = 0;  // in all gaps taken
    std::uint64_t refused = 0;
  } reader_;
};

}  // namespace backline::transport
