#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backline::media {

/// What a sound file needs in order to be whole: bytes in other places than its end, and another size.
struct Mending {
  struct Patch {
    std::uint64_t offset;
    std::vector<std::byte> bytes;
  };
  std::string holds;                   ///< for people: format, frames, rate
  std::vector<std::string> findings;   ///< for people: what is wrong, and what becomes of it; empty: nothing is
  std::vector<Patch> patches;
  std::uint64_t size = 0;              ///< bytes, once it is mended; patches may lie behind the present size
};

/// Looks at the bytes of a whole file. Each throws WriteFailure saying why it cannot be mended; none is told the path.
Mending examineWave(std::span<const std::byte> file);
Mending examineFlac(std::span<const std::byte> file);
Mending examineOgg(std::span<const std::byte> file);

}  // namespace backline::media
