#pragma once

#include <kj/async-io.h>

#include "audioserver/device_notices.h"
#include "audioserver/inputs.h"
#include "audioserver/outputs.h"
#include "ipc/backline.capnp.h"

namespace backline::audioserver {

/// The AudioServer of the schema. What it is made over must outlive every capability it hands out. [io]
class Server final : public ipc::AudioServer::Server {
 public:
  Server(const DeviceCatalog& catalog, Outputs& outputs, Inputs& inputs, DeviceNotices& notices, kj::Timer& timer)
      : catalog_(catalog), outputs_(outputs), inputs_(inputs), notices_(notices), timer_(timer) {}

  kj::Promise<void> listDevices(ListDevicesContext context) override;
  kj::Promise<void> describeOutput(DescribeOutputContext context) override;
  kj::Promise<void> openOutput(OpenOutputContext context) override;
  kj::Promise<void> startTap(StartTapContext context) override;
  kj::Promise<void> finishTap(FinishTapContext context) override;
  kj::Promise<void> openCapture(OpenCaptureContext context) override;
  kj::Promise<void> watchDevices(WatchDevicesContext context) override;

 private:
  void openOutput(OpenOutputContext& context, BroughtEnds brought);
  void openCapture(OpenCaptureContext& context, BroughtCapture brought);

  const DeviceCatalog& catalog_;
  Outputs& outputs_;
  Inputs& inputs_;
  DeviceNotices& notices_;
  kj::Timer& timer_;
};

/// Tends everything for ever. [io]
kj::Promise<void> tendForever(Outputs& outputs, Inputs& inputs, DeviceNotices& notices, kj::Timer& timer);

/// Fades everything out, finishes the tap. Resolves when nothing is left to be heard, after a second at the latest. [io]
kj::Promise<void> fadeOut(Outputs& outputs, kj::Timer& timer);

}  // namespace backline::audioserver
