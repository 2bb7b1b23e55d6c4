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

std::optional<DeviceInfo> defaultOutput(const std::vector<DeviceInfo>& devices) {
  std::optional<DeviceInfo> first;
  for (const DeviceInfo& device : devices) {
    if (device.input) continue;
    if (device.isDefault) return device;
    if (!first) first = device;
  }
  return first;
}

std::optional<DeviceInfo> defaultOutputOf(const std::string& backend) {
  std::string whyNot;
  const auto context = CubebContext::open(backend, whyNot);
  return context ? defaultOutput(context->devices()) : std::nullopt;
}

std::string idsOf(const std::vector<DeviceInfo>& devices) {
  std::string ids;
  for (const DeviceInfo& device : devices) {
    if (!device.input) ids += (ids.empty() ? "" : ", ") + device.id;
  }
  return ids;
}

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
      detail = std::to_string(outputs) + (outputs == 1 ? " output, " : " outputs, ") + std::to_string(devices.size() - static_cast<std::size_t>(outputs)) +
               (devices.size() - static_cast<std::size_t>(outputs) == 1 ? " input" : " inputs");
    }
    listing.backends.push_back({backend, context != nullptr, detail});
    listing.devices.insert(listing.devices.end(), devices.begin(), devices.end());
  }
  listing.backends.push_back({"virtual", true, "always there, makes no sound"});
  listing.devices.push_back(VirtualDevice::describe());
  listing.devices.push_back(SteppedDevice::describe());
  return listing;
}

DeviceInfo DeviceCatalog::describe(const std::string& device) const {
  if (device == "virtual") return VirtualDevice::describe();
  if (device == "stepped") return SteppedDevice::describe();
  if (device.empty()) {
    for (const std::string backend : kBackends) {
      if (!mayBeDefault(backend)) continue;
      if (const auto info = defaultOutputOf(backend)) return *info;
    }
    return VirtualDevice::describe();
  }
  const Listing listing = list();
  const DeviceInfo* named = nullptr;
  int count = 0;
  for (const DeviceInfo& info : listing.devices) {
    if (info.input) continue;
    if (info.id == device) return info;
    if (info.name == device) {
      named = &info;
      ++count;
    }
  }
  if (count == 1) return *named;
  std::string why = count > 1 ? "the name of " + std::to_string(count) + " devices" : "not there";
  if (isBackend(device)) {
    if (const auto info = defaultOutputOf(device)) return *info;
    for (const BackendInfo& backend : listing.backends) {
      if (backend.name == device) why = "not there: " + (backend.available ? "it has no output" : backend.detail);
    }
  }
  throw DeviceError("device '" + device + "' is " + why + "; there are: " + idsOf(listing.devices));
}

std::unique_ptr<OutputDevice> DeviceCatalog::open(const DeviceInfo& device, const OpenRequest& request) const {
  if (device.id == "virtual") return std::make_unique<VirtualDevice>(request);
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
      if (const auto info = defaultOutputOf(backend)) return open(*info, request);
    } catch (const DeviceError&) {
      // The next one may be usable; who wants this one names it and is told why it is not.
    }
  }
  return open(VirtualDevice::describe(), request);
}

}  // namespace backline::audioserver
