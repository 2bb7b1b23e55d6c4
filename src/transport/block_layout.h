#pragma once

#include "transport/shared_memory.h"
#include "transport/shared_words.h"

namespace backline::transport {

// The layout of a BlockStream segment: this header, then capacityBytes of records. Byte tables and rules:
// docs/formats/block-stream.md.
//
// Invariants:
// 1. Counters only grow and are multiples of 8. Byte b lies at b % capacityBytes; a record may wrap, its
// prefix cannot.
// 2. read <= written <= read + capacityBytes.
// 3. `written` moves from the end of one record to the end of the next: a writer that dies leaves whole
// records only.

inline constexpr std::uint32_t kBlockMagic = 0x53424c42;  // "BLBS" in memory
inline constexpr std::uint32_t kBlockVersion = 1;
inline constexpr std::uint32_t kMinBlockCapacity = 64;
inline constexpr std::uint32_t kMaxBlockCapacity = 1u << 29;
inline constexpr std::uint32_t kBlockAlignment = 8;
/// What a reader puts together at most: a peer cannot make us allocate more.
inline constexpr std::size_t kMaxMessageBytes = std::size_t{1} << 30;

/// Written once, when the segment is made.
struct BlockIdentity {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint32_t capacityBytes;
};
static_assert(sizeof(BlockIdentity) == 12);

struct BlockHeader {
  BlockIdentity identity;
  alignas(kCacheLine) std::atomic<std::uint64_t> written;
  alignas(kCacheLine) std::atomic<std::uint64_t> read;
};
static_assert(offsetof(BlockHeader, written) == 64 && offsetof(BlockHeader, read) == 128);
static_assert(sizeof(BlockHeader) == 192);

/// Stands before each record's bytes.
struct RecordPrefix {
  static constexpr std::uint32_t kMoreFollows = 1u << 31;  ///< the message goes on in the next record
  static constexpr std::uint32_t kContinues = 1u << 30;    ///< the message began in a record before
  static constexpr std::uint32_t kLengthMask = kContinues - 1;

  std::uint32_t lengthAndFlags;
  std::uint32_t check;  ///< of the length and the place: bytes that are no prefix do not pass for one

  static std::uint32_t checkOf(std::uint64_t position, std::uint32_t lengthAndFlags) noexcept {
    std::uint64_t mixed = (position / kBlockAlignment) ^ (std::uint64_t{lengthAndFlags} << 32) ^ kBlockMagic;
    mixed *= 0x9e3779b97f4a7c15u;
    return static_cast<std::uint32_t>(mixed >> 32);
  }
};
static_assert(sizeof(RecordPrefix) == 8 && sizeof(RecordPrefix) == kBlockAlignment);

/// Half the ring, so that a record of any allowed length fits while another is being read.
constexpr std::uint32_t maxRecordOf(std::uint32_t capacityBytes) {
  return capacityBytes / 2 - static_cast<std::uint32_t>(sizeof(RecordPrefix));
}

/// Bytes that a record takes in the ring.
constexpr std::uint32_t recordBytes(std::uint32_t length) {
  return static_cast<std::uint32_t>(sizeof(RecordPrefix)) +
         ((length + kBlockAlignment - 1) & ~(kBlockAlignment - 1));
}

inline BlockHeader& blockHeader(const SharedMemory& memory) noexcept {
  return *reinterpret_cast<BlockHeader*>(memory.bytes().data());
}

inline std::byte* blockData(const SharedMemory& memory) noexcept {
  return memory.bytes().data() + sizeof(BlockHeader);
}

/// The capacity of a segment, sizes and counters checked. Throws TransportError.
std::uint32_t checkBlockStream(const SharedMemory& memory);

}  // namespace backline::transport
