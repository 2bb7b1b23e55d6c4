#include <ogg/ogg.h>

#include <cstring>
#include <set>
#include <utility>

#include "media/bytes.h"
#include "media/mending.h"
#include "media/sound_format.h"

namespace backline::media {

namespace {

using View = std::span<const std::byte>;

constexpr std::size_t kFlags = 5, kSum = 22, kHeader = 27;
constexpr std::uint64_t kLastOfStream = 4;

/// What a walk along the pages has found.
struct Pages {
  std::uint64_t pages = 0, skipped = 0;   // skipped: bytes between pages
  std::uint64_t lastAt = 0, lastEnd = 0;  // of the last page in which a packet ends
  std::int64_t granule = 0;
  bool ended = false;
  std::set<int> streams;
};

/// libogg's view of a page, over bytes that hold it whole.
ogg_page pageOf(std::vector<std::byte>& bytes) {
  auto* data = reinterpret_cast<unsigned char*>(bytes.data());
  const long header = static_cast<long>(kHeader + data[kHeader - 1]);
  return {data, header, data + header, static_cast<long>(bytes.size()) - header};
}

/// Bytes of the page that begins at an offset; 0 if none that is whole does.
std::size_t pageAt(View file, std::uint64_t at) {
  const View rest = file.subspan(at);
  if (rest.size() < kHeader || std::memcmp(rest.data(), "OggS", 4) != 0) return 0;
  const std::size_t segments = std::to_integer<std::size_t>(rest[kHeader - 1]);
  std::size_t size = kHeader + segments;
  for (std::size_t i = 0; i < segments && kHeader + i < rest.size(); ++i) size += std::to_integer<std::size_t>(rest[kHeader + i]);
  if (size > rest.size()) return 0;
  std::vector<std::byte> copy(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
  ogg_page page = pageOf(copy);
  ogg_page_checksum_set(&page);
  return std::memcmp(copy.data() + kSum, rest.data() + kSum, 4) == 0 ? size : 0;
}

Pages walk(View file) {
  Pages found;
  std::uint64_t skipped = 0;
  for (std::uint64_t at = 0; at < file.size();) {
    const std::size_t size = pageAt(file, at);
    if (size == 0) {
      const void* next = std::memchr(file.data() + at + 1, 'O', file.size() - at - 1);
      const std::uint64_t to = next == nullptr ? file.size() : static_cast<std::uint64_t>(static_cast<const std::byte*>(next) - file.data());
      skipped += to - at;
      at = to;
      continue;
    }
    std::vector<std::byte> copy(file.begin() + static_cast<std::ptrdiff_t>(at), file.begin() + static_cast<std::ptrdiff_t>(at + size));
    const ogg_page page = pageOf(copy);
    ++found.pages;
    found.skipped += std::exchange(skipped, 0);
    found.streams.insert(ogg_page_serialno(&page));
    if (ogg_page_granulepos(&page) >= 0) {
      found.ended = ogg_page_eos(&page) != 0;
      found.lastAt = at;
      found.lastEnd = at + size;
      found.granule = ogg_page_granulepos(&page);
    }
    at += size;
  }
  return found;
}

/// The page at an offset, as the last one of its stream.
std::vector<std::byte> asLast(View file, std::uint64_t at, std::uint64_t end) {
  std::vector<std::byte> bytes(file.begin() + static_cast<std::ptrdiff_t>(at), file.begin() + static_cast<std::ptrdiff_t>(end));
  bytes[kFlags] |= std::byte{kLastOfStream};
  ogg_page page = pageOf(bytes);
  ogg_page_checksum_set(&page);
  return bytes;
}

}  // namespace

Mending examineOgg(View file) {
  const Pages found = walk(file);
  if (found.granule <= 0) throw WriteFailure("it breaks off before its sound begins");
  Mending mending;
  mending.size = found.lastEnd;
  if (found.skipped > 0) mending.findings.push_back(std::to_string(found.skipped) + " bytes among its pages are damaged and stay as they are: players skip them");
  if (mending.size < file.size()) mending.findings.push_back(std::to_string(file.size() - mending.size) + " bytes behind its last whole page are cut off");
  if (!found.ended && found.streams.size() == 1) {
    mending.findings.push_back("its last page does not say that it is the last");
    mending.patches.push_back({found.lastAt, asLast(file, found.lastAt, found.lastEnd)});
  }
  // Damage that stays is no reason to mend again.
  if (mending.patches.empty() && mending.size == file.size()) mending.findings.clear();
  mending.holds = "Ogg, " + std::to_string(found.pages) + " pages, to position " + std::to_string(found.granule);
  return mending;
}

}  // namespace backline::media
