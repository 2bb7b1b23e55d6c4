#pragma once

#include <cstdint>

namespace backline::render {

/// The fields of MediaElementAudioSourceNode. The stream refuses what it has no room for and is read frame by frame at the session's rate, while
/// `playing`; frames before the position `from` are thrown away, those from `until` on are not played. `volume` is a factor, 0 … 1.
enum : std::uint32_t { kElementStream, kElementPlaying, kElementFrom, kElementUntil, kElementVolume };

}  // namespace backline::render
