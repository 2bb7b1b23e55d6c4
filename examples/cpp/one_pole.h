#pragma once

#include "control/base_audio_context.h"

namespace examples {

/// Registers "one-pole", a low-pass filter of 6 dB an octave with a param `cutoff` in Hz.
void registerOnePole(backline::BaseAudioContext& context);

}  // namespace examples
