#pragma once

#include "transport/shared_memory.h"
#include "transport/two_slots.h"

namespace backline::transport {

// The layout of a Page segment. Byte tables and rules: docs/formats/page.md.

inline constexpr std::uint32_t kPageMagic = 0x47504c42;  // "BLPG" in memory
inline constexpr std::uint32_t kPageVersion = 1;
inline constexpr std::size_t kMaxPageValueBytes = 65536;

/// Written once, when the segment is made.
struct PageIdentity {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint32_t kind;
  std::uint32_t valueBytes;
};
static_assert(sizeof(PageIdentity) == 16);

template <std::size_t kBytes>
struct PageLayout {
  PageIdentity identity;
  TwoSlots<kBytes> value;
};
static_assert(offsetof(PageLayout<8>, value) == 64);
static_assert(offsetof(TwoSlots<8>, slots) == 64 && offsetof(TwoSlots<8>::Slot, words) == 8);
static_assert(sizeof(TwoSlots<8>::Slot) == 64 && sizeof(TwoSlots<57>::Slot) == 128);
static_assert(sizeof(PageLayout<8>) == 256);

SharedMemory createPageSegment(const char* name, std::uint32_t kind, std::uint32_t valueBytes,
                               std::size_t bytes);
/// Throws TransportError unless the segment is a page of this kind and these sizes.
void checkPageSegment(const SharedMemory& memory, std::uint32_t kind, std::uint32_t valueBytes,
                      std::size_t bytes);

}  // namespace backline::transport
