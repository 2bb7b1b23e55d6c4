#include "audioserver/cubeb_device.h"

#include <algorithm>

namespace backline::audioserver {
namespace {

constexpr double kUsualRate = 48000;  // Hz, where a device has no rate of its own

}  // namespace

CubebDevice::CubebDevice(std::unique_ptr<CubebContext> context, const DeviceInfo& info, const OpenRequest& request)
    : stream_(std::move(context), info, request.channels, deviceShare(request, info.sampleRate > 0 ? info.sampleRate : kUsualRate)) {}

void CubebDevice::start(OutputCallback& callback) {
  callback_ = &callback;
  stream_.start(*this);
}

double CubebDevice::latency() {
  const double known = stream_.knownLatency();
  if (stream_.isJack()) return std::max(known, callbackFrames() / sampleRate());
  return known > 0 ? known : stream_.wantedLatency();
}

}  // namespace backline::audioserver
