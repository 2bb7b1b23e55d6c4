#pragma once

#include <cstring>

#include "tests/fuzz/input.h"
#include "transport/shared_memory.h"

namespace backline::fuzz {

/// A segment with a second mapping of it, through which a hostile peer writes.
class HostileSegment {
 public:
  explicit HostileSegment(const transport::SharedMemory& memory) : memory_(transport::SharedMemory::map(memory.fd().duplicate())) {}
  explicit HostileSegment(std::size_t bytes) : memory_(transport::SharedMemory::create("backline-fuzz", bytes)) {}

  std::span<std::byte> bytes() { return memory_.bytes(); }
  transport::Fd fd() const { return memory_.fd().duplicate(); }
  transport::SharedMemory map() const { return transport::SharedMemory::map(fd()); }

  void put(std::size_t offset, std::uint64_t word) {
    if (offset + sizeof word <= bytes().size()) std::memcpy(bytes().data() + offset, &word, sizeof word);
  }
  std::uint64_t get(std::size_t offset) {
    std::uint64_t word = 0;
    if (offset + sizeof word <= bytes().size()) std::memcpy(&word, bytes().data() + offset, sizeof word);
    return word;
  }

  /// One word changed: most often within the first `header` bytes, by a little, to an edge or to anything.
  void scribble(Input& input, std::size_t header) {
    const std::size_t reach = input.oneIn(4) ? bytes().size() : std::min(header, bytes().size());
    const std::size_t offset = input.below(static_cast<std::uint32_t>(reach / 8)) * 8;
    switch (input.below(4)) {
      case 0: return put(offset, get(offset) + input.word<std::uint8_t>());
      case 1: return put(offset, get(offset) - input.word<std::uint8_t>());
      case 2: return put(offset, std::uint64_t{1} << input.below(64));
      default: return put(offset, input.word<std::uint64_t>());
    }
  }
  void fill(std::span<const std::byte> with) {
    const std::size_t count = std::min(with.size(), bytes().size());
    std::copy_n(with.begin(), count, bytes().begin());
    std::fill(bytes().begin() + static_cast<std::ptrdiff_t>(count), bytes().end(), std::byte{0});
  }

 private:
  transport::SharedMemory memory_;
};

}  // namespace backline::fuzz
