#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "tests/transport/peer.h"

namespace backline::transport::test {

/// A message that says its number and whose every byte follows from it; at least 16 bytes.
inline std::vector<std::byte> messageOf(std::uint64_t number, std::size_t bytes) {
  std::vector<std::byte> message(bytes);
  const std::uint64_t head[2] = {number, bytes};
  std::memcpy(message.data(), head, sizeof head);
  for (std::size_t i = sizeof head; i < bytes; ++i)
    message[i] = static_cast<std::byte>(mix(number + i / 8) >> (i % 8));
  return message;
}

inline std::uint64_t numberOf(std::span<const std::byte> message) {
  std::uint64_t number = 0;
  std::memcpy(&number, message.data(), sizeof number);
  return number;
}

inline bool isWhole(std::span<const std::byte> message) {
  if (message.size() < 16) return false;
  const auto expected = messageOf(numberOf(message), message.size());
  return std::memcmp(expected.data(), message.data(), expected.size()) == 0;
}

}  // namespace backline::transport::test
