#include "media/vorbis_comments.h"

#include <string_view>

#include "media/bytes.h"

namespace backline::media {

std::vector<std::byte> vorbisComments(const RecordingNotes& notes, std::size_t bytes) {
  constexpr std::string_view kVendor = "Backline";
  Bytes all;
  all.number(static_cast<std::uint32_t>(kVendor.size())).text(kVendor);
  const std::vector<std::string> comments = notes.comments(bytes - all.size() - 4);
  all.number(static_cast<std::uint32_t>(comments.size()));
  for (const std::string& comment : comments) all.number(static_cast<std::uint32_t>(comment.size())).text(comment);
  return all.take();
}

}  // namespace backline::media
