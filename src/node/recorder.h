#pragma once

#include <napi.h>

namespace backline::node {

/// The class native.Recorder, a RecordingObject: what a node gives, recorded into files, without any of Node's threads. Options: context and node (impls), path,
/// format, channels, output, replace, splitSeconds, seconds.
Napi::Function recorderClass(Napi::Env env);

}  // namespace backline::node
