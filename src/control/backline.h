#pragma once

// The whole of the C++ API; installed as <backline/backline.h>. docs/cpp.md begins with it.

#include "control/audio_context.h"
#include "control/native_worklets.h"
#include "control/offline_audio_context.h"
