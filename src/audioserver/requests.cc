#include "audioserver/requests.h"

#include <string>

#include "ipc/ring_target.h"
#include "transport/ring_layout.h"

namespace backline::audioserver {
namespace {

constexpr double kMinRate = 1000, kMaxRate = 768000;  // Hz
constexpr double kMaxLatency = 10;                    // seconds

std::string number(double value) { return kj::str(value).cStr(); }

}  // namespace

SessionRequest check(ipc::OutputConfig::Reader config) {
  const double rate = config.getSampleRate();
  // Written so that what is no number fails, too.
  if (rate != 0 && !(rate >= kMinRate && rate <= kMaxRate)) {
    throw DeviceError("a session's sample rate is 0 (the device's) or " + number(kMinRate) + " to " + number(kMaxRate) + " Hz, not " + number(rate));
  }
  if (config.getChannels() < 1 || config.getChannels() > kMaxChannels) {
    throw DeviceError("a session has 1 to " + std::to_string(kMaxChannels) + " channels, not " + std::to_string(config.getChannels()));
  }
  if (config.getQuantum() > ipc::kMostQuantum) {
    throw DeviceError("a session's quantum is 0 (what the device takes at once) to " + std::to_string(ipc::kMostQuantum) + " frames, not " +
                      std::to_string(config.getQuantum()));
  }
  if (!(config.getLatency() >= 0 && config.getLatency() <= kMaxLatency)) {
    throw DeviceError("a session's latency is 0 to " + number(kMaxLatency) + " seconds, not " + number(config.getLatency()));
  }
  if (config.getRingFrames() > transport::kMaxRingFrames) {
    throw DeviceError("a session's ring has at most " + std::to_string(transport::kMaxRingFrames) + " frames, not " + std::to_string(config.getRingFrames()));
  }
  return {rate, config.getChannels(), config.getQuantum(), config.getLatency(), config.getRingFrames()};
}

CaptureRequest check(ipc::CaptureConfig::Reader config) {
  if (config.getChannels() > kMaxChannels) {
    throw DeviceError("a capture has 0 (the device's) to " + std::to_string(kMaxChannels) + " channels, not " + std::to_string(config.getChannels()));
  }
  if (config.getCapacityFrames() > transport::kMaxRingFrames) {
    throw DeviceError("a capture's ring has 0 (half a second) to " + std::to_string(transport::kMaxRingFrames) + " frames, not " +
                      std::to_string(config.getCapacityFrames()));
  }
  CaptureRequest request{config.getChannels(), config.getCapacityFrames(), transport::Overflow::refuse};
  switch (config.getOverflow()) {
    case ipc::CaptureConfig::Overflow::REFUSE: return request;
    case ipc::CaptureConfig::Overflow::DROP_OLDEST: request.overflow = transport::Overflow::dropOldest; return request;
  }
  throw DeviceError("a capture's overflow is refuse or dropOldest, not number " + std::to_string(static_cast<int>(config.getOverflow())));
}

void write(ipc::DeviceInfo::Builder to, const DeviceInfo& from) {
  to.setId(from.id.c_str());
  to.setName(from.name.c_str());
  to.setBackend(from.backend.c_str());
  to.setMaxChannels(from.maxChannels);
  to.setSampleRate(from.sampleRate);
  to.setIsDefault(from.isDefault);
  to.setInput(from.input);
  to.setClock(from.clock.c_str());
}

void write(capnp::List<ipc::DeviceInfo>::Builder to, const std::vector<DeviceInfo>& from) {
  for (unsigned i = 0; i < to.size(); ++i) write(to[i], from[i]);
}

kj::Promise<void> poll(kj::Timer& timer, kj::Duration interval, std::function<bool()> over) {
  if (over()) return kj::READY_NOW;
  auto next = timer.afterDelay(interval);
  return next.then([&timer, interval, over = std::move(over)]() mutable { return poll(timer, interval, std::move(over)); });
}

}  // namespace backline::audioserver
