#pragma once

#include <string>

#include "control/audio_context.h"

namespace backline {

/// What a session is told to play on: as SessionOptions::device.
std::string deviceOf(const AudioSink& sink);
/// False for a name that no device has, though sessions know it: that of none.
bool mayBeThere(const AudioSink& sink);
std::string whyNotThere(const AudioSink& sink);

}  // namespace backline
