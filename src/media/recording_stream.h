#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "media/disk_file.h"
#include "media/recording_notes.h"
#include "media/sound_format.h"

namespace backline::media {

struct RecordingFormat {
  SoundFormat format = SoundFormat::wav;
  std::uint32_t sampleRate = 48000;   ///< Hz
  std::uint32_t channels = 2;
};

/// How one format lays sound into a file, so that the file is readable at every moment. The file outlives it. Every failure is a WriteFailure, after
/// which end() may still be called. [one thread at a time]
class RecordingStream {
 public:
  virtual ~RecordingStream() = default;
  /// Interleaved.
  virtual void append(const float* interleaved, std::size_t frames) = 0;
  /// Writes the notes anew, in place.
  virtual void annotate(const RecordingNotes& notes) = 0;
  /// Puts what an encoder holds back into the file. Nothing is appended any more.
  virtual void end() = 0;
};

/// `riffLimit`: the largest size of a WAV file in bytes; beyond it is RF64.
std::unique_ptr<RecordingStream> makeWaveStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes, std::uint64_t riffLimit);
std::unique_ptr<RecordingStream> makeFlacStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes);
std::unique_ptr<RecordingStream> makeVorbisStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes);
std::unique_ptr<RecordingStream> makeOpusStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes);

}  // namespace backline::media
