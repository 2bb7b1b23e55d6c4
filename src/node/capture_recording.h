#pragma once

#include <napi.h>

namespace backline::node {

/// The class native.CaptureRecording: an input that is recorded into files, without any of Node's threads.
/// new CaptureRecording({device, channels, capacityFrames, patience, path, format, replace, splitSeconds, seconds, onEvent}): onEvent('gap', {frame,
/// frames, reason}) as frames are missed, onEvent('ended') once, when the files are finished. info(), status(), levels(), pause(), resume(), stop().
/// Keeps the program until it has ended; a program that ends finishes the files.
Napi::Function captureRecordingClass(Napi::Env env);

}  // namespace backline::node
