#pragma once

#include <cstddef>
#include <vector>

#include "media/recording_notes.h"

namespace backline::media {

/// Of the packet of comments in an Ogg file of ours, which stays as long as it is, so that it can be replaced.
inline constexpr std::size_t kCommentPacketBytes = 1 << 14;

/// The notes as Vorbis comments: vendor, count, comments, of at most `bytes` in all (above 100). FLAC, Vorbis and Opus all have them so.
std::vector<std::byte> vorbisComments(const RecordingNotes& notes, std::size_t bytes);

}  // namespace backline::media
