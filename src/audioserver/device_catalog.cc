#include "audioserver/device_catalog.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "audioserver/cubeb_context.h"
#include "audioserver/cubeb_device.h"
#include "audioserver/stepped_device.h"
#include "audioserver/virtual_device.h"

namespace backline::audioserver {
namespace {

bool isBackend(const std::string& name) { return std::find(std::begin(kBackends), std::end(kBackends), name) != std::end(kBackends); }

/// ALSA answers without hardware, too, for its default can be another server's plug-in; as a default it needs hardware.
bool mayBeDefault(const std::string& backend) {
  struct stat info;
  return backend != "alsa" || stat("/dev/snd", &info) == 0;
}

std::optional<DeviceInfo> defaultOf(const std::vector<DeviceInfo>& devices, bool input) {
  std::optional<DeviceInfo> first;
  for (const DeviceInfo& device : devices) {
    if (device.input != input) continue;
    if (device.isDefault) return device;
    if (!first) first = device;
  }
  return first;
}

std::optional<DeviceInfo> defaultOf(const std::string& backend, bool input) {
  std::string whyNot;
  const auto context = CubebContext::open(backend, whyNot);
  return context ? defaultOf(context->devices(), input) : std::nullopt;
}

std::optional<DeviceInfo> systemDefault(bool input) {
  for (const std::string backend : kBackends) {
    if (!mayBeDefault(backend)) continue;
    if (auto info = defaultOf(backend, input)) return info;
  }
  return std::nullopt;
}

std::string idsOf(const std::vector<DeviceInfo>& devices, bool input) {
  std::string ids;
  for (const DeviceInfo& device : devices) {
    if (device.input == input) ids += (ids.empty() ? "" : ", ") + device.id;
  }
  return ids;
}

std::string counted(std::ptrdiff_t count, const std::string& what) { return std::to_string(count) + " " + what + (count == 1 ? "" : "s"); }

}  // namespace

DeviceCatalog::Listing DeviceCatalog::list() const {
  Listing listing;
  for (const std::string backend : kBackends) {
    std::string detail;
    const auto context = CubebContext::open(backend, detail);
    std::vector<DeviceInfo> devices;
    if (context) {
      devices = context->devices();
      const auto outputs = std::count_if(devices.begin(), devices.end(), [](const DeviceInfo& device) { return !device.input; });
      detail = counted(outputs, "output") + ", " + counted(static_cast<std::ptrdiff_t>(devices.size()) - outputs, "input");
    }
    listing.backends.push_back({backend, context != nullptr, detail});
    listing.devices.insert(listing.devices.end(), devices.begin(), devices.end());
  }
  listing.backends.push_back({"virtual", true, "always there, makes no sound"});
  for (DeviceInfo& device : virtualDevices()) listing.devices.push_back(std::move(device));
  return listing;
}

std::vector<DeviceInfo> DeviceCatalog::virtualDevices() {
  std::vector<DeviceInfo> devices{VirtualDevice::describe(), SteppedDevice::describe()};
  for (const DeviceInfo& output : {devices[0], devices[1]}) {
    DeviceInfo loopback = output;
    loopback.name = "What '" + output.id + "' plays";
    loopback.input = true;
    devices.push_back(std::move(loopback));
  }
  return devices;
}

DeviceInfo DeviceCatalog::describe(const std::string& device) const {
  if (!device.empty()) return named(device, false);
  return systemDefault(false).value_or(VirtualDevice::describe());
}

DeviceInfo DeviceCatalog::describeInput(const std::string& device) const {
  if (!device.empty()) return named(device, true);
  if (auto info = systemDefault(true)) return *info;
  throw DeviceError("there is no default input; there are: " + idsOf(list().devices, true));
}

DeviceInfo DeviceCatalog::named(const std::string& device, bool input) const {
  if (!input && device == kNoDevice) return VirtualDevice::describeNone();
  for (const DeviceInfo& info : virtualDevices()) {
    if (info.id == device && info.input == input) return info;
  }
  const std::string kind = input ? "input" : "output";
  const Listing listing = list();
  const DeviceInfo* found = nullptr;
  int count = 0;
  for (const DeviceInfo& info : listing.devices) {
    if (info.input != input) continue;
    if (info.id == device) return info;
    if (info.name == device) {
      found = &info;
      ++count;
    }
  }
  if (count == 1) return *found;
  std::string why = count > 1 ? "the name of " + std::to_string(count) + " devices" : "not there";
  if (isBackend(device)) {
    if (const auto info = defaultOf(device, input)) return *info;
    for (const BackendInfo& backend : listing.backends) {
      if (backend.name == device) why = "not there: " + (backend.available ? "it has no " + kind : backend.detail);
    }
  }
  throw DeviceError((input ? "input device '" : "device '") + device + "' is " + why + "; there are: " + idsOf(listing.devices, input));
}

std::unique_ptr<OutputDevice> DeviceCatalog::open(const DeviceInfo& device, const OpenRequest& request) const {
  if (device.id == "virtual" || device.id == kNoDevice) return std::make_unique<VirtualDevice>(request, device);
  if (device.id == "stepped") return std::make_unique<SteppedDevice>(request);
  std::string whyNot;
  auto context = CubebContext::open(device.backend, whyNot);
  if (!context) throw DeviceError("device '" + device.id + "' has gone: " + whyNot);
  return std::make_unique<CubebDevice>(std::move(context), device, request);
}

std::unique_ptr<OutputDevice> DeviceCatalog::open(const std::string& device, const OpenRequest& request) const {
  if (!device.empty()) return open(describe(device), request);
  for (const std::string backend : kBackends) {
    if (!mayBeDefault(backend)) continue;
    try {
      if (const auto info = defaultOf(backend, false)) return open(*info, request);
    } catch (const DeviceError&) {
      // The next one may be usable; who wants this one names it and is told why it is not.
    }
  }
  return open(VirtualDevice::describe(), request);
}

std::unique_ptr<CubebInput> DeviceCatalog::openInput(const DeviceInfo& device, std::uint32_t channels) const {
  std::string whyNot;
  auto context = CubebContext::open(device.backend, whyNot);
  if (!context) throw DeviceError("device '" + device.id + "' has gone: " + whyNot);
  return std::make_unique<CubebInput>(std::move(context), device, channels);
}

}  // namespace backline::audioserver
