#include "audioserver/virtual_device.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace backline::audioserver {
namespace {

constexpr std::uint32_t kLeastPeriod = 512;  // frames: 11 ms at 48 kHz, which an ordinary thread can keep
constexpr std::uint32_t kMostPeriod = 16384;

std::uint32_t periodFor(const OpenRequest& request, double sampleRate) {
  const double wanted = std::clamp(deviceShare(request, sampleRate) * sampleRate, double{kLeastPeriod}, double{kMostPeriod});
  const std::uint32_t quantum = std::clamp(request.quantum, 1u, kMostPeriod);
  const auto quanta = static_cast<std::uint32_t>(wanted / quantum);
  return std::max(quanta, 1u) * quantum;
}

}  // namespace

DeviceInfo VirtualDevice::describe() {
  return {"virtual", "Virtual output, paced by the clock", "virtual", 32, static_cast<std::uint32_t>(kVirtualRate), false, false, "virtual"};
}

DeviceInfo VirtualDevice::describeNone() {
  return {kNoDevice, "No output", "virtual", 32, static_cast<std::uint32_t>(kVirtualRate), false, false, kNoDevice};
}

VirtualDevice::VirtualDevice(const OpenRequest& request, DeviceInfo info)
    : info_(std::move(info)),
      sampleRate_(request.sampleRate > 0 ? request.sampleRate : kVirtualRate),
      channels_(request.channels),
      period_(periodFor(request, sampleRate_)),
      frames_(std::size_t{period_} * channels_) {
  info_.sampleRate = static_cast<std::uint32_t>(std::lround(sampleRate_));
}

void VirtualDevice::start(OutputCallback& callback) {
  const double periodNanoseconds = period_ / sampleRate_ * 1e9;
  const std::int64_t origin = nowNanoseconds();
  thread_.start("virtual-device", [this, &callback, periodNanoseconds, origin, last = 0.0](std::int64_t) mutable {
    callback.render(frames_.data(), period_);
    // Deadlines are multiples of the period from one origin: rounding does not add up.
    const double next = std::floor(static_cast<double>(nowNanoseconds() - origin) / periodNanoseconds) + 1;
    if (next > last + 1) callback.skip(static_cast<std::uint64_t>(next - last - 1) * period_);
    last = next;
    return origin + static_cast<std::int64_t>(next * periodNanoseconds);
  });
}

}  // namespace backline::audioserver
