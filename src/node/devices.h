#pragma once

#include <napi.h>

namespace backline::node {

/// A promise of {devices, backends}: all that there are, as session::Engine::listDevices() has them.
Napi::Value devices(const Napi::CallbackInfo& info);

/// watchDevices(whether): has `onDevicesChanged` of initialize() called when devices may have changed, and an audio server run for it. Does not
/// keep the program.
Napi::Value watchDevices(const Napi::CallbackInfo& info);

}  // namespace backline::node
