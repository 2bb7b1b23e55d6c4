#include "media/ogg.h"

#include <algorithm>
#include <array>

namespace backline::media {

namespace {
constexpr std::array kCapture = {std::byte{'O'}, std::byte{'g'}, std::byte{'g'}, std::byte{'S'}};
constexpr std::size_t kHeader = 27;        // bytes before the segment table
constexpr std::size_t kSegmentCount = 26;  // where its length stands
}  // namespace

bool isOgg(std::span<const std::byte> bytes) {
  return bytes.size() >= kCapture.size() && std::equal(kCapture.begin(), kCapture.end(), bytes.begin());
}

std::uint64_t missingOggBytes(std::span<const std::byte> bytes) {
  // Pages lie one after the other; what is not one is what a tag at the end or damage put there.
  std::size_t page = 0;
  while (page < bytes.size() && isOgg(bytes.subspan(page))) {
    std::uint64_t end = page + kHeader;
    if (end <= bytes.size()) {
      const auto segments = std::to_integer<std::size_t>(bytes[page + kSegmentCount]);
      end += segments;
      for (std::size_t i = 0; i < segments && page + kHeader + i < bytes.size(); ++i) {
        end += std::to_integer<std::uint64_t>(bytes[page + kHeader + i]);
      }
    }
    if (end > bytes.size()) return end - bytes.size();
    page = end;
  }
  return 0;
}

}  // namespace backline::media
