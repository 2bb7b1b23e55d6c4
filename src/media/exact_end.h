#pragma once

#include <cstdint>
#include <optional>

#include "media/av.h"

namespace backline::media {

/// More frames than these behind where a container says that the sound ends are no padding of an encoder's: they are believed instead.
inline constexpr std::int64_t kMostPadding = 8192;

/// Whether FFmpeg is wrong about the end, so that what it says of packets' padding is to be taken from them (forgetPadding): it counts a first short block
/// of Vorbis, which gives no frame, as frames, and cuts off as many too many at the end.
bool mistakesEnd(const AVFormatContext& format, const AVStream& stream);
void forgetPadding(AVPacket& packet);

/// How many frames, at `sampleRate`, a sound in an MP4 or an Ogg has without what its encoder put behind it; none if the container does not say. `first` is the
/// first packet. An edit list is told in whole units of a clock that may be a millisecond's: where that is all it differs by, the length of the
/// track is meant. Reads the header of an MP4 again, and leaves its reader where it was.
std::optional<std::int64_t> exactEnd(const AVFormatContext& format, const AVStream& stream, const AVPacket& first, int sampleRate);

}  // namespace backline::media
