#pragma once

#include <cstdint>
#include <string>

namespace backline::media {

struct DecodeLimits {
  std::uint64_t memory = 0;         ///< bytes of writable memory
  std::uint64_t written = 0;        ///< bytes that may be written to one file
  std::uint32_t processorSeconds = 0;   ///< 0: as many as it will, or limits itself to
};

/// From here on this process may compute, map private memory within the limits, and read and write the descriptors that it has: every other call
/// answers EPERM. It is ended when its processor time is over. Cannot be undone. "": the walls stand; otherwise why not. With sanitizers, which need
/// memory of their own, memory is not limited either.
[[nodiscard]] std::string enterDecodeWalls(const DecodeLimits& limits);

}  // namespace backline::media
