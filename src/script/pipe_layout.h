#pragma once

#include <cstdint>

#include "transport/block_layout.h"
#include "transport/shared_words.h"

namespace backline::script {

// The layout of a pipe between two MessagePorts: this header, then two BlockStreams, the one of side 0 first. Byte tables and rules:
// docs/formats/pipe.md.

inline constexpr std::uint64_t kPipeMagic = 0x3145504950534c42;   // "BLSPIPE1"
inline constexpr std::uint32_t kPipeRing = 1 << 18;               // bytes; what finds no room waits with the writer

struct PipeSide {
  std::atomic<std::uint64_t> owner;    ///< the heap of the process that has it; 0: nobody yet
  std::atomic<std::uint32_t> closed;   ///< 1: it writes and reads no more
  std::atomic<std::uint32_t> waits;    ///< kData, kRoom: what it is to be woken for
  static constexpr std::uint32_t kData = 1, kRoom = 2;
};
static_assert(sizeof(PipeSide) == 16);

struct PipeHeader {
  std::uint64_t magic;
  struct alignas(transport::kCacheLine) Aligned {
    PipeSide side;
  } sides[2];
};
static_assert(sizeof(PipeHeader) == 192 && offsetof(PipeHeader, sides) == 64);

inline constexpr std::size_t kPipeStream = sizeof(transport::BlockHeader) + kPipeRing;
inline constexpr std::size_t kPipeBytes = sizeof(PipeHeader) + 2 * kPipeStream;

}  // namespace backline::script
