#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audioserver/cubeb_input.h"
#include "audioserver/output_device.h"

namespace backline::audioserver {

/// The devices that exist. Asks the backends' servers anew at every call, and never starts one. [io]
class DeviceCatalog {
 public:
  struct Listing {
    std::vector<DeviceInfo> devices;  ///< outputs, then inputs, of each backend; the virtual ones last
    std::vector<BackendInfo> backends;
  };
  Listing list() const;
  /// The two that are always there, as outputs and as inputs that capture what those play.
  static std::vector<DeviceInfo> virtualDevices();

  /// The output that a name means: "" the first usable of JACK, PulseAudio, ALSA, else the virtual one; an id; a backend's name
  /// for its default; or a device's name if only one has it. Throws DeviceError listing the ids that exist.
  DeviceInfo describe(const std::string& device) const;

  /// The input that a name means, likewise, but that without a name no virtual one is taken. Throws DeviceError listing the ids that exist.
  DeviceInfo describeInput(const std::string& device) const;

  /// Opens what describe() gave. Throws DeviceError.
  std::unique_ptr<OutputDevice> open(const DeviceInfo& device, const OpenRequest& request) const;
  /// Opens what the name means; "" goes on to the next usable one where one cannot be opened. Throws DeviceError.
  std::unique_ptr<OutputDevice> open(const std::string& device, const OpenRequest& request) const;
  /// Opens what describeInput() gave, unless it is virtual. `channels`: wanted, where the device has no number of its own. Throws DeviceError.
  std::unique_ptr<CubebInput> openInput(const DeviceInfo& device, std::uint32_t channels) const;

 private:
  DeviceInfo named(const std::string& device, bool input) const;
};

}  // namespace backline::audioserver
