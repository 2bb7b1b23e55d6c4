#include <ogg/ogg.h>

#include <algorithm>
#include <set>
#include <utility>

#include "media/bytes.h"
#include "media/mending.h"
#include "media/sound_format.h"

namespace backline::media {

namespace {

using View = std::span<const std::byte>;

constexpr std::size_t kPiece = 1 << 16;
constexpr std::size_t kFlags = 5, kHeader = 27;
constexpr std::uint64_t kLastOfStream = 4;

/// What a walk along the pages has found.
struct Pages {
  std::uint64_t pages = 0, skipped = 0;   // skipped: bytes between pages
  std::uint64_t lastAt = 0, lastEnd = 0;  // of the last page in which a packet ends
  std::int64_t granule = 0;
  bool ended = false;
  std::set<int> streams;
};

Pages walk(View file) {
  ogg_sync_state sync;
  ogg_sync_init(&sync);
  Pages found;
  std::uint64_t fed = 0, at = 0, skipped = 0;
  for (;;) {
    ogg_page page;
    const long bytes = ogg_sync_pageseek(&sync, &page);
    if (bytes == 0) {
      if (fed == file.size()) break;
      const std::size_t piece = std::min<std::size_t>(kPiece, file.size() - fed);
      std::copy_n(reinterpret_cast<const char*>(file.data()) + fed, piece, ogg_sync_buffer(&sync, static_cast<long>(piece)));
      ogg_sync_wrote(&sync, static_cast<long>(piece));
      fed += piece;
      continue;
    }
    const auto count = static_cast<std::uint64_t>(bytes < 0 ? -bytes : bytes);
    if (bytes < 0) skipped += count;
    if (bytes > 0) {
      ++found.pages;
      found.skipped += std::exchange(skipped, 0);
      found.streams.insert(ogg_page_serialno(&page));
      found.ended = ogg_page_eos(&page) != 0;
      if (ogg_page_granulepos(&page) >= 0) {
        found.lastAt = at;
        found.lastEnd = at + count;
        found.granule = ogg_page_granulepos(&page);
      }
    }
    at += count;
  }
  ogg_sync_clear(&sync);
  return found;
}

/// The page at an offset, as the last one of its stream.
std::vector<std::byte> asLast(View file, std::uint64_t at, std::uint64_t end) {
  std::vector<std::byte> bytes(file.begin() + static_cast<std::ptrdiff_t>(at), file.begin() + static_cast<std::ptrdiff_t>(end));
  bytes[kFlags] |= std::byte{kLastOfStream};
  auto* data = reinterpret_cast<unsigned char*>(bytes.data());
  const long header = static_cast<long>(kHeader + data[kHeader - 1]);
  ogg_page page{data, header, data + header, static_cast<long>(bytes.size()) - header};
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
