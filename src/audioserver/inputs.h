#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audioserver/capture_group.h"
#include "audioserver/device_catalog.h"
#include "audioserver/outputs.h"

namespace backline::audioserver {

/// A running input of the system, and those who capture it. [io]
class ActiveInput {
 public:
  /// Starts the device. Throws DeviceError.
  explicit ActiveInput(std::unique_ptr<CubebInput> device);
  ~ActiveInput() { device_->stop(); }
  ActiveInput(const ActiveInput&) = delete;
  ActiveInput& operator=(const ActiveInput&) = delete;

  const DeviceInfo& info() const { return device_->info(); }
  double latency() { return device_->latency(); }
  CaptureGroup& captures() { return *captures_; }
  /// Refreshes the latency, notices the device's death. To be called again and again.
  void tend();
  bool alive() const { return alive_; }

 private:
  std::unique_ptr<CubebInput> device_;
  CaptureFan fan_;
  std::unique_ptr<CaptureGroup> captures_;
  bool alive_ = true;
};

/// The inputs that are captured: each device is open once, while anybody captures it. [io]
class Inputs {
 public:
  Inputs(const DeviceCatalog& catalog, Outputs& outputs) : catalog_(catalog), outputs_(outputs) {}

  struct Opened {
    std::shared_ptr<CaptureGroup> captures;  ///< keeps the device open
    CaptureEnds ends;
    DeviceInfo device;
    double latency = 0;                      ///< seconds from the sound to the ring
  };
  /// Opens the input if it is not open. Throws DeviceError, TransportError.
  Opened open(const std::string& device, const CaptureRequest& request, BroughtCapture brought = {});
  /// To be called again and again.
  void tend();

 private:
  std::shared_ptr<ActiveInput> isOpen(const std::string& id) const;
  Opened loopback(DeviceInfo info, const CaptureRequest& request, BroughtCapture brought);

  const DeviceCatalog& catalog_;
  Outputs& outputs_;
  std::vector<std::shared_ptr<ActiveInput>> active_;
};

}  // namespace backline::audioserver
