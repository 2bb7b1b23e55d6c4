#pragma once

#include <cstddef>
#include <vector>

#include "media/recording_notes.h"

namespace backline::media {

/// The notes as Vorbis comments: vendor, count, comments, of at most `bytes` in all (above 100). FLAC, Vorbis and Opus all have them so.
std::vector<std::byte> vorbisComments(const RecordingNotes& notes, std::size_t bytes);

}  // namespace backline::media
