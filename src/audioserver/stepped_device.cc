#include "audioserver/stepped_device.h"

#include <algorithm>
#include <cmath>

namespace backline::audioserver {
namespace {

constexpr std::uint32_t kDefaultPeriod = 128;       // frames
constexpr std::int64_t kPollNanoseconds = 200'000;  // nobody signals a device that its ring was written

}  // namespace

DeviceInfo SteppedDevice::describe() {
  return {"stepped", "Stepped output, waits for its sessions", "virtual", 32, static_cast<std::uint32_t>(kVirtualRate), false, false, "stepped"};
}

SteppedDevice::SteppedDevice(const OpenRequest& request)
    : sampleRate_(request.sampleRate > 0 ? request.sampleRate : kVirtualRate),
      channels_(request.channels),
      period_(request.quantum > 0 ? request.quantum : kDefaultPeriod),
      frames_(std::size_t{period_} * channels_) {
  info_.sampleRate = static_cast<std::uint32_t>(std::lround(sampleRate_));
}

void SteppedDevice::start(OutputCallback& callback) {
  const auto period = static_cast<std::int64_t>(period_ / sampleRate_ * 1e9);
  thread_.start("stepped-device", [this, &callback, period](std::int64_t deadline) {
    while (!callback.ready(period_)) {
      if (thread_.stopping()) return deadline;
      sleepUntil(nowNanoseconds() + kPollNanoseconds);
    }
    callback.render(frames_.data(), period_);
    // Lateness of a timer is made up for within one period, so that the pace is the rate; waiting is not.
    return std::max(deadline + period, nowNanoseconds() - period);
  });
}

}  // namespace backline::audioserver
