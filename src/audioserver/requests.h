#pragma once

#include <kj/timer.h>

#include <functional>
#include <vector>

#include "audioserver/active_device.h"
#include "ipc/backline.capnp.h"

namespace backline::audioserver {

/// What the wire asks for, checked. Throw DeviceError naming the impossible value. [io]
SessionRequest check(ipc::OutputConfig::Reader config);
CaptureRequest check(ipc::CaptureConfig::Reader config);

void write(ipc::DeviceInfo::Builder to, const DeviceInfo& from);
void write(capnp::List<ipc::DeviceInfo>::Builder to, const std::vector<DeviceInfo>& from);

/// Asks again and again until it is told that it is over. [io]
kj::Promise<void> poll(kj::Timer& timer, kj::Duration interval, std::function<bool()> over);

}  // namespace backline::audioserver
