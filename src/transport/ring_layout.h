#pragma once

#include "transport/ring_stream.h"
#include "transport/two_slots.h"

namespace backline::transport {

// The layout of a RingStream segment: this header, then the frames. Byte tables and rules:
// docs/formats/ring-stream.md.
//
// Invariants, between an honest writer and an honest reader:
// 1. Counters only grow. Frame f lies in slot f % capacityFrames.
// 2. consumed <= written <= claimed.
// 3. Overflow::refuse: written - consumed <= capacityFrames, so no slot is ever read and written at once.
// 4. Overflow::dropOldest: slots of frames below claimed - capacityFrames may be in the middle of being
// overwritten;
//    a reader checks after copying.
// 5. A gap is in the log before the frames behind it are written.

inline constexpr std::uint32_t kRingMagic = 0x53524c42;  // "BLRS" in memory
inline constexpr std::uint32_t kRingVersion = 2;
inline constexpr std::uint32_t kMaxRingChannels = 32;
inline constexpr std::uint32_t kMaxRingFrames = 1u << 24;
inline constexpr float kMaxRingSampleRate = 1e6f;
/// No honest counter comes near: at 1 MHz this takes 146,000 years.
inline constexpr std::uint64_t kMaxRingCounter = std::uint64_t{1} << 62;
/// Slots for gaps. The newest kRingGaps - 1 hold: the next one's slot may be in the middle of being overwritten.
inline constexpr std::uint32_t kRingGaps = 32;

/// Written once, when the segment is made.
struct RingIdentity {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint32_t channels;
  float sampleRate;
  std::uint32_t capacityFrames;
  std::uint32_t overflow;
};
static_assert(sizeof(RingIdentity) == 24);

struct alignas(kCacheLine) RingWriterLine {
  std::atomic<std::uint64_t> written;
  std::atomic<std::uint64_t> claimed;  ///< frames written or being written; dropOldest only
  std::atomic<std::uint64_t> refused;  ///< frames that found no room; refuse only
  std::atomic<std::uint32_t> state;
};
static_assert(offsetof(RingWriterLine, claimed) == 8 && offsetof(RingWriterLine, refused) == 16 &&
              offsetof(RingWriterLine, state) == 24);

struct alignas(kCacheLine) RingReaderLine {
  std::atomic<std::uint64_t> consumed;  ///< frames read or overtaken
  std::atomic<std::uint64_t> overtaken;
  std::atomic<std::uint64_t> underruns;
  std::atomic<std::uint64_t> underrunFrames;
};
static_assert(offsetof(RingReaderLine, overtaken) == 8 && offsetof(RingReaderLine, underruns) == 16 &&
              offsetof(RingReaderLine, underrunFrames) == 24);

struct RingGapSlot {
  std::atomic<std::uint64_t> frame;  ///< the lost frames were to be before this one
  std::atomic<std::uint64_t> lost;   ///< frames lost in this gap and all before it
  std::atomic<std::uint64_t> refused;  ///< of those, for want of room
  std::uint64_t zero;
};

/// Gap g lies in slot g % kRingGaps. The newest one grows as long as nothing was written behind it.
struct alignas(kCacheLine) RingGapLog {
  std::atomic<std::uint64_t> count;
  alignas(kCacheLine) RingGapSlot slots[kRingGaps];
};
static_assert(offsetof(RingGapLog, slots) == 64 && sizeof(RingGapSlot) == 32);

struct RingHeader {
  RingIdentity identity;
  RingWriterLine writer;
  RingReaderLine reader;
  TwoSlots<sizeof(TimelineMark)> mark;
  RingGapLog gaps;
};
static_assert(offsetof(RingHeader, writer) == 64 && offsetof(RingHeader, reader) == 128);
static_assert(offsetof(RingHeader, mark) == 192 && offsetof(RingHeader, gaps) == 384 && sizeof(RingHeader) == 1472);
static_assert(sizeof(TimelineMark) == 32 && offsetof(TimelineMark, sourceFrame) == 8 &&
              offsetof(TimelineMark, nanoseconds) == 16 && offsetof(TimelineMark, generation) == 24);

inline RingHeader& ringHeader(const SharedMemory& memory) noexcept {
  return *reinterpret_cast<RingHeader*>(memory.bytes().data());
}

inline std::atomic<std::uint32_t>* ringSamples(const SharedMemory& memory) noexcept {
  return reinterpret_cast<std::atomic<std::uint32_t>*>(memory.bytes().data() + sizeof(RingHeader));
}

/// The format of a segment, all of it checked, sizes and counters included. Throws TransportError.
RingFormat checkRingStream(const SharedMemory& memory);

/// Frames between two counters, or nothing if a peer's counter makes no sense.
inline std::uint64_t ringDistance(std::uint64_t ahead, std::uint64_t behind,
                                  std::uint64_t otherwise) noexcept {
  const std::uint64_t distance = ahead - behind;
  return distance <= kMaxRingCounter ? distance : otherwise;
}

}  // namespace backline::transport
