#pragma once

#include <cstdint>

#include "script/compat.h"
#include "script/ticket.h"
#include "transport/shared_heap.h"

namespace backline::script {

/// The pages of a shared WebAssembly.Memory, as a ticket's `bytes` tell them. V8 reserves room for the most pages when it makes one, and gives
/// them to script as it grows.
struct MemoryPages {
  std::uint32_t now, most;
  static constexpr std::uint64_t kPage = 65536, kFlag = std::uint64_t{1} << 63, kMost = 65536;

  std::uint64_t bytes() const { return most * kPage; }
  std::uint64_t encoded() const { return kFlag | std::uint64_t{now} << 32 | most; }
  static bool told(std::uint64_t bytes) { return (bytes & kFlag) != 0; }
  /// Both 0 for nonsense.
  static MemoryPages of(std::uint64_t bytes) {
    const MemoryPages pages{static_cast<std::uint32_t>((bytes & ~kFlag) >> 32), static_cast<std::uint32_t>(bytes)};
    return pages.most <= kMost && pages.now <= pages.most ? pages : MemoryPages{0, 0};
  }
};

/// Puts a block of a heap in the place of the pages that V8 has reserved for a shared WebAssembly.Memory, which nobody uses yet; those it has
/// now become readable. V8 lets go of the whole with its own. False, and nothing done, if they are not reserved.
bool overlay(const transport::SharedHeap& heap, std::uint64_t offset, v8::BackingStore& memory, MemoryPages pages);

}  // namespace backline::script
