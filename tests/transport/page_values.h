#pragma once

#include <cstdint>

namespace backline::transport::test {

/// A value whose every word follows from its number.
struct Value {
  static constexpr std::uint32_t kPageKind = 0x54455354;
  std::uint64_t number = 0;
  std::uint64_t words[30] = {};
  std::uint8_t last = 0;

  // Cheap, so that a writer of values spends its time publishing.
  static std::uint64_t word(std::uint64_t number, std::uint64_t i) {
    return number * 0x9e3779b97f4a7c15u + i;
  }

  static Value of(std::uint64_t number) {
    Value value;
    value.number = number;
    for (std::uint64_t i = 0; i < 30; ++i) value.words[i] = word(number, i);
    value.last = static_cast<std::uint8_t>(number);
    return value;
  }

  bool whole() const {
    for (std::uint64_t i = 0; i < 30; ++i) {
      if (words[i] != word(number, i)) return false;
    }
    return last == static_cast<std::uint8_t>(number);
  }
};

}  // namespace backline::transport::test
