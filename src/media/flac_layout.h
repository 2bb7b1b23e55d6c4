#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace backline::media {

// A FLAC file (RFC 9639) begins with "fLaC" and metadata blocks of which the first is STREAMINFO.

inline constexpr std::size_t kFlacHead = 4 + 4 + 34;        // bytes to the end of STREAMINFO
inline constexpr std::size_t kFlacTotal = 21;               // where its count of frames has its upper 4 bits, below 4 others; 4 bytes follow
inline constexpr std::uint64_t kMostFlacFrames = (std::uint64_t{1} << 36) - 1;

/// Writes the count of frames into a head of kFlacHead bytes; more than fit there are 0, which is "unknown".
inline void setFlacFrames(std::span<std::byte> head, std::uint64_t frames) {
  if (frames > kMostFlacFrames) frames = 0;
  head[kFlacTotal] = (head[kFlacTotal] & std::byte{0xf0}) | static_cast<std::byte>(frames >> 32);
  for (std::size_t i = 0; i < 4; ++i) head[kFlacTotal + 1 + i] = static_cast<std::byte>(frames >> (24 - 8 * i) & 0xff);
}

}  // namespace backline::media
