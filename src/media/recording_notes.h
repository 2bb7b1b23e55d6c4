#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace backline::media {

/// Where and when the first frame of a recording's file came to be.
struct RecordingOrigin {
  std::string device;                        ///< empty: none
  std::int64_t utcNanoseconds = 0;           ///< since 1970, of the first frame's sound
  std::optional<std::uint64_t> sourceFrame;  ///< of the first frame, in the device's own count
  std::uint64_t takeFrame = 0;               ///< frames of the same take in the files before this one
};

/// What a file tells of itself beside its sound: its origin, the gaps that were filled with silence, the pauses. As comments of FLAC and Ogg, and as
/// chunks of a WAV file. [one thread at a time]
class RecordingNotes {
 public:
  explicit RecordingNotes(RecordingOrigin origin) : origin_(std::move(origin)) {}

  void setOrigin(RecordingOrigin origin) { origin_ = std::move(origin); }
  /// `frames` frames of silence from `frame` of the file on stand for what was lost.
  void gap(std::uint64_t frame, std::uint64_t frames, std::string_view reason);
  /// Before `frame`, `frames` frames were left out.
  void pause(std::uint64_t frame, std::uint64_t frames);

  /// "NAME=value" each, of at most `bytes` in all with 4 for each one's length; of more gaps than find room, how many there are in all stays.
  std::vector<std::string> comments(std::size_t bytes) const;
  /// bext (EBU Tech 3285), of a fixed size.
  std::vector<std::byte> broadcastChunk(std::uint32_t sampleRate) const;
  /// "LIST INFO", and "cue " and "LIST adtl" with a cue point for each note, of at most `bytes` in all.
  std::vector<std::byte> waveChunks(std::size_t bytes) const;

 private:
  struct Note {
    std::uint64_t frame, frames;
    bool isGap;
    std::string text;
  };
  std::string summary() const;

  RecordingOrigin origin_;
  std::vector<Note> notes_;   // the first ones
  std::uint64_t gaps_ = 0, gapFrames_ = 0, pauses_ = 0;
};

/// "2026-11-26T21:40:05.123456789Z"
std::string utcText(std::int64_t nanoseconds);

}  // namespace backline::media
