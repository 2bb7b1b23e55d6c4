#pragma once

#include <napi.h>

namespace backline::node {

/// The class native.CaptureRecording, a RecordingObject: an input that is recorded into files, without any of Node's threads. Options: device, channels,
/// capacityFrames, patience, path, format, replace, splitSeconds, seconds.
Napi::Function captureRecordingClass(Napi::Env env);

}  // namespace backline::node
