#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "media/media_failure.h"

namespace backline::media {

struct MediaInfo {
  std::uint32_t channels = 0;
  int sampleRate = 0;              ///< Hz
  /// Seconds, as the file declares or an estimate tells; infinite for a stream that does not say. DecodedStream::end() is exact.
  double duration = 0;
  bool seekable = false;
  std::string kind;                ///< the container, for people
};

/// What a MediaPump has come to.
struct PumpState {
  bool opened = false;             ///< the file could be opened and decoded; `info` is valid
  MediaInfo info;
  std::uint32_t placed = 0;        ///< the last place() that has been found
  std::uint32_t ready = 0;         ///< the last place() of which there is enough in the ring to begin
  std::uint64_t from = 0;          ///< position in the ring where its frames begin
  bool playedOut = false;          ///< the reader of the ring has had everything, and it was heard
  std::uint32_t loops = 0;         ///< times that the reader of the ring has come to the beginning again
  std::uint32_t ticks = 0;         ///< counts quarters of a second of playing
  bool starved = false;            ///< the ring is empty, because the source is too slow
  std::optional<MediaFailure> failure;   ///< nothing more can be read; what is in the ring can be played
};

}  // namespace backline::media
