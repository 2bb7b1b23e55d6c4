#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "control/audio_buffer.h"
#include "control/errors.h"

namespace backline::media {

/// A sound file in memory, in any format that FFmpeg reads, as an AudioBuffer at `sampleRate` (3000 … 768000 Hz, to the whole hertz), with the
/// file's channels. What an encoder put before and behind the sound is cut off. Throws EncodingError for data that is no sound, is
/// damaged, or ends before what it declares: the message says what and where. [any thread]
std::shared_ptr<AudioBuffer> decodeAudioData(std::span<const std::byte> bytes, float sampleRate);

}  // namespace backline::media
