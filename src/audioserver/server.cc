#include "audioserver/server.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "ipc/connection.h"

namespace backline::audioserver {
namespace {

constexpr auto kTendInterval = 20 * kj::MILLISECONDS;
constexpr auto kFadePoll = 2 * kj::MILLISECONDS;
constexpr auto kFadeLimit = 1 * kj::SECONDS;
constexpr double kLongestRing = 0.08;        // seconds of device latency that an exit waits for
constexpr double kMinRate = 1000, kMaxRate = 768000;  // Hz
constexpr std::uint32_t kMaxQuantum = 65536;
constexpr double kMaxLatency = 10;           // seconds

/// Runs a call's body; what it throws is the answer.
template <class Body>
kj::Promise<void> answer(Body body) {
  try {
    body();
    return kj::READY_NOW;
  } catch (const kj::Exception&) {
    throw;
  } catch (const std::exception& error) {
    return ipc::callError(error.what());
  }
}

void write(ipc::DeviceInfo::Builder to, const DeviceInfo& from) {
  to.setId(from.id.c_str());
  to.setName(from.name.c_str());
  to.setBackend(from.backend.c_str());
  to.setMaxChannels(from.maxChannels);
  to.setSampleRate(from.sampleRate);
  to.setIsDefault(from.isDefault);
  to.setInput(from.input);
}

std::string number(double value) { return kj::str(value).cStr(); }

SessionRequest check(ipc::OutputConfig::Reader config) {
  const double rate = config.getSampleRate();
  // Written so that what is no number fails, too.
  if (rate != 0 && !(rate >= kMinRate && rate <= kMaxRate)) {
    throw DeviceError("a session's sample rate is 0 (the device's) or " + number(kMinRate) + " to " + number(kMaxRate) + " Hz, not " + number(rate));
  }
  if (config.getChannels() < 1 || config.getChannels() > kMaxChannels) {
    throw DeviceError("a session has 1 to " + std::to_string(kMaxChannels) + " channels, not " + std::to_string(config.getChannels()));
  }
  if (config.getQuantum() < 1 || config.getQuantum() > kMaxQuantum) {
    throw DeviceError("a session's quantum is 1 to " + std::to_string(kMaxQuantum) + " frames, not " + std::to_string(config.getQuantum()));
  }
  if (!(config.getLatency() >= 0 && config.getLatency() <= kMaxLatency)) {
    throw DeviceError("a session's latency is 0 to " + number(kMaxLatency) + " seconds, not " + number(config.getLatency()));
  }
  return {rate, config.getChannels(), config.getQuantum(), config.getLatency()};
}

class OpenOutput final : public ipc::Output::Server {
 public:
  OpenOutput(std::shared_ptr<ActiveDevice> device, Voice& voice) : device_(std::move(device)), voice_(&voice) {}
  ~OpenOutput() noexcept(false) { release(); }

  kj::Promise<void> close(CloseContext) override {
    release();
    return kj::READY_NOW;
  }

 private:
  void release() {
    if (device_) device_->closeSession(*voice_);
    device_.reset();
  }
  std::shared_ptr<ActiveDevice> device_;
  Voice* voice_;
};

/// Asks again and again until it is told that it is over.
kj::Promise<void> poll(kj::Timer& timer, kj::Duration interval, std::function<bool()> over) {
  if (over()) return kj::READY_NOW;
  auto next = timer.afterDelay(interval);
  return next.then([&timer, interval, over = std::move(over)]() mutable { return poll(timer, interval, std::move(over)); });
}

}  // namespace

kj::Promise<void> Server::listDevices(ListDevicesContext context) {
  return answer([&] {
    const DeviceCatalog::Listing listing = catalog_.list();
    auto devices = context.getResults().initDevices(static_cast<unsigned>(listing.devices.size()));
    for (unsigned i = 0; i < devices.size(); ++i) write(devices[i], listing.devices[i]);
    auto backends = context.getResults().initBackends(static_cast<unsigned>(listing.backends.size()));
    for (unsigned i = 0; i < backends.size(); ++i) {
      backends[i].setName(listing.backends[i].name.c_str());
      backends[i].setAvailable(listing.backends[i].available);
      backends[i].setDetail(listing.backends[i].detail.c_str());
    }
  });
}

kj::Promise<void> Server::describeOutput(DescribeOutputContext context) {
  return answer([&] { write(context.getResults().initDevice(), catalog_.describe(context.getParams().getDevice().cStr())); });
}

kj::Promise<void> Server::openOutput(OpenOutputContext context) {
  return answer([&] {
    const auto config = context.getParams().getConfig();
    Outputs::Opened opened = outputs_.open(config.getDevice().cStr(), check(config));
    auto results = context.getResults();
    results.setSampleRate(static_cast<float>(opened.ends.sampleRate));
    results.setCallbackFrames(opened.ends.callbackFrames);
    results.setDeviceLatency(opened.device->latency());
    results.setRing(ipc::describe(std::move(opened.ends.ring)));
    results.setRefill(ipc::describe(std::move(opened.ends.refill)));
    results.setPage(ipc::describe(std::move(opened.ends.page)));
    write(results.initDevice(), opened.device->info());
    results.setOutput(kj::heap<OpenOutput>(opened.device, *opened.ends.voice));
  });
}

kj::Promise<void> Server::startTap(StartTapContext context) {
  return answer([&] { outputs_.startTap(context.getParams().getPath().cStr(), context.getParams().getFrames()); });
}

kj::Promise<void> Server::finishTap(FinishTapContext context) {
  return poll(timer_, kFadePoll, [this, context]() mutable {
    bool over = false;
    try {
      over = outputs_.finishTap();
      if (!over) return false;
      const Tap::Result result = outputs_.takeTapResult();
      if (!result.error.empty()) throw DeviceError(result.error);
      context.getResults().setFrames(result.frames);
      context.getResults().setDropped(result.dropped);
    } catch (const std::exception& error) {
      kj::throwFatalException(ipc::callError(error.what()));
    }
    return over;
  });
}

kj::Promise<void> tendForever(Outputs& outputs, kj::Timer& timer) {
  return poll(timer, kTendInterval, [&outputs] {
    outputs.tend();
    return false;
  });
}

kj::Promise<void> fadeOut(Outputs& outputs, kj::Timer& timer) {
  const auto limit = timer.now() + kFadeLimit;
  const double ring = std::min(outputs.latency(), kLongestRing);
  outputs.closeAll();
  auto faded = poll(timer, kFadePoll, [&outputs, &timer, limit] {
    outputs.tend();
    return outputs.silent() || timer.now() > limit;
  });
  return faded
      .then([&timer, ring] {
        // What was faded is still on its way to the ear.
        return timer.afterDelay(static_cast<std::int64_t>(std::ceil(ring * 1e6)) * kj::MICROSECONDS);
      })
      .then([&outputs, &timer, limit] {
        return poll(timer, kFadePoll, [&outputs, &timer, limit] { return !outputs.hasTap() || outputs.finishTap() || timer.now() > limit; });
      });
}

}  // namespace backline::audioserver
