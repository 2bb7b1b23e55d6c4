#pragma once

#include <string>

#include "control/audio_buffer.h"

namespace examples {

/// Writes a float WAV. Throws std::runtime_error naming the file.
void writeWav(const std::string& path, const backline::AudioBuffer& buffer);

}  // namespace examples
