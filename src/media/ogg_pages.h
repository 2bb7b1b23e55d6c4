#pragma once

#include <ogg/ogg.h>

#include <cstdint>
#include <vector>

#include "media/disk_file.h"

namespace backline::media {

/// One logical stream of packets, laid into an Ogg file's pages (RFC 3533) a quarter of a second each, so that little is missing of a file that breaks
/// off. The second page holds the comments alone, and can be written anew. Failures are WriteFailures. [one thread at a time]
class OggPages {
 public:
  /// `rate`: granules a second.
  OggPages(DiskFile& file, std::uint32_t rate);
  ~OggPages();
  OggPages(const OggPages&) = delete;
  OggPages& operator=(const OggPages&) = delete;

  /// The packets that begin a stream: each ends its page. The second one holds the comments.
  void header(std::vector<std::byte> packet);
  /// Of the size that it had.
  void replaceComments(std::vector<std::byte> packet);
  /// `granule`: where the sound of the packet ends.
  void packet(const unsigned char* data, std::size_t size, std::int64_t granule, bool last);

 private:
  DiskFile& file_;
  const std::int64_t pageGranules_;
  const int serial_;
  ogg_stream_state stream_{};
  std::int64_t packets_ = 0;
  std::int64_t flushed_ = 0;         // granule of the last page
  std::uint64_t commentsAt_ = 0;     // where their page is in the file
};

}  // namespace backline::media
