#pragma once

#include <cstddef>
#include <cstdint>

#include "transport/page_layout.h"

namespace backline::ipc {

/// The name of the segment that a program's status stands in, as /proc shows it of its descriptor.
inline constexpr char kStatusSegment[] = "backline-status";

/// Published by the I/O thread of a program that has sessions: a ProgramStatus (src/ipc/status.capnp), serialized flat.
struct StatusPage {
  static constexpr std::uint32_t kPageKind = 0x53544131;  // "STA1"
  static constexpr std::size_t kMostWords = transport::kMaxPageValueBytes / 8 - 1;
  std::uint32_t words = 0;               ///< of the message
  std::uint32_t zero = 0;
  std::uint64_t message[kMostWords];
};
static_assert(sizeof(StatusPage) == transport::kMaxPageValueBytes);

}  // namespace backline::ipc
