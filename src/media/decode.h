#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "control/audio_buffer.h"
#include "control/errors.h"

namespace backline::media {

/// As Decoder::decodeAudioData, but in the program's own process, without a helper: for files that the program made itself or has from whom it
/// trusts. A file that leads the code that reads it astray has the program. [any thread]
std::shared_ptr<AudioBuffer> decodeAudioDataInProcess(std::span<const std::byte> bytes, float sampleRate);

}  // namespace backline::media
