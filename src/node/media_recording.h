#pragma once

#include <napi.h>

namespace backline::node {

/// The class native.MediaRecording: new MediaRecording(track, {format, bitsPerSecond, timeslice}, chunk); pause(), resume(), requestData(), stop(). It calls
/// chunk(Uint8Array, seconds before it, whether it is the last, error or ''), each time in a task of its own, and keeps the program until the last.
Napi::Function mediaRecordingClass(Napi::Env env);

}  // namespace backline::node
