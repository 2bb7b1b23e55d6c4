#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace backline::media {

// RFC 3533. FFmpeg takes the last page that is whole for the end, and so cannot tell a file that was cut off.

bool isOgg(std::span<const std::byte> bytes);
/// How many bytes the last page lacks; 0: it is whole.
std::uint64_t missingOggBytes(std::span<const std::byte> bytes);

}  // namespace backline::media
