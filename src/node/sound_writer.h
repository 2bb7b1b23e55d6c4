#pragma once

#include <napi.h>

namespace backline::node {

/// The class native.SoundWriter: new SoundWriter(path, format, sampleRate, channels); write(Float32Array[], frames) and finish() give promises and do
/// their work on one of libuv's threads, one after the other; discard() leaves nothing behind of a file that was not finished.
Napi::Function soundWriterClass(Napi::Env env);

}  // namespace backline::node
