#pragma once

#include <napi.h>

namespace backline::node {

/// native.decodeAudioData(Uint8Array, sampleRate) → Promise<AudioBuffer impl>; decodes on one of libuv's threads.
Napi::Value decodeAudioData(const Napi::CallbackInfo& info);

}  // namespace backline::node
