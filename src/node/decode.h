#pragma once

#include <napi.h>

namespace backline::node {

/// native.decodeAudioData(Uint8Array, sampleRate) → Promise<AudioBuffer impl>; decoded by backline-decode, which a thread of Decodings waits for.
Napi::Value decodeAudioData(const Napi::CallbackInfo& info);

}  // namespace backline::node
