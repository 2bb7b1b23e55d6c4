#pragma once

#include <kj/async-io.h>

#include "audioserver/outputs.h"
#include "ipc/backline.capnp.h"

namespace backline::audioserver {

/// The AudioServer of the schema over Outputs. Both must outlive every capability it hands out. [io]
class Server final : public ipc::AudioServer::Server {
 public:
  Server(const DeviceCatalog& catalog, Outputs& outputs, kj::Timer& timer) : catalog_(catalog), outputs_(outputs), timer_(timer) {}

  kj::Promise<void> listDevices(ListDevicesContext context) override;
  kj::Promise<void> describeOutput(DescribeOutputContext context) override;
  kj::Promise<void> openOutput(OpenOutputContext context) override;
  kj::Promise<void> startTap(StartTapContext context) override;
  kj::Promise<void> finishTap(FinishTapContext context) override;

 private:
  const DeviceCatalog& catalog_;
  Outputs& outputs_;
  kj::Timer& timer_;
};

/// Tends the outputs for ever. [io]
kj::Promise<void> tendForever(Outputs& outputs, kj::Timer& timer);

/// Fades everything out, finishes the tap. Resolves when nothing is left to be heard, after a second at the latest. [io]
kj::Promise<void> fadeOut(Outputs& outputs, kj::Timer& timer);

}  // namespace backline::audioserver
