#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace backline::media {

/// Bytes that are put one after the other, numbers with their lowest byte first.
class Bytes {
 public:
  template <std::unsigned_integral Number>
  Bytes& number(Number value) {
    for (std::size_t i = 0; i < sizeof value; ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
    return *this;
  }
  Bytes& text(std::string_view text) {
    for (const char letter : text) bytes_.push_back(static_cast<std::byte>(letter));
    return *this;
  }
  /// `text`, cut or followed by zeros to `size` bytes.
  Bytes& field(std::string_view text, std::size_t size) { return this->text(text.substr(0, size)).zeros(size - std::min(size, text.size())); }
  Bytes& zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  Bytes& add(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  std::size_t size() const { return bytes_.size(); }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// The number whose lowest byte is at `offset`, which has to be within.
template <std::unsigned_integral Number>
Number numberAt(std::span<const std::byte> bytes, std::size_t offset) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value = static_cast<Number>(value | static_cast<Number>(static_cast<Number>(bytes[offset + i]) << (8 * i)));
  return value;
}

}  // namespace backline::media
