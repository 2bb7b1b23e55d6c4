#include "audioserver/server.h"

#include <algorithm>
#include <cmath>

#include "audioserver/requests.h"
#include "ipc/connection.h"

namespace backline::audioserver {
namespace {

constexpr auto kTendInterval = 20 * kj::MILLISECONDS;
constexpr auto kFadePoll = 2 * kj::MILLISECONDS;
constexpr auto kFadeLimit = 1 * kj::SECONDS;
constexpr double kLongestRing = 0.08;  // seconds of device latency that an exit waits for

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

class OpenOutput final : public ipc::Output::Server {
 public:
  OpenOutput(Outputs& outputs, std::shared_ptr<ActiveDevice> device, Voice& voice, kj::Timer& timer)
      : outputs_(outputs), device_(std::move(device)), voice_(&voice), timer_(timer) {}
  ~OpenOutput() noexcept(false) { release(); }

  kj::Promise<void> close(CloseContext) override {
    const std::shared_ptr<ActiveDevice> device = device_;
    release();
    if (!device) return kj::READY_NOW;
    return poll(timer_, kFadePoll, [this, device] {
      device->tend();
      if (device->fading(*voice_)) return false;
      outputs_.tend();
      return true;
    });
  }

  kj::Promise<void> lost(LostContext context) override {
    context.allowCancellation();  // who drops the capability waits for this no more
    if (!device_) return ipc::callError("the output is closed: it has no device to be lost");
    const std::string reason = "device '" + device_->info().id + "' has gone";
    return poll(timer_, kTendInterval, [this] { return !device_ || !device_->alive(); }).then([context, reason]() mutable {
      context.getResults().setReason(reason.c_str());
    });
  }

  kj::Promise<void> resetLatency(ResetLatencyContext) override {
    if (!device_) return ipc::callError("the output is closed: it has no latency to be measured");
    voice_->resetLatency();
    return poll(timer_, kFadePoll, [this] { return !device_ || !device_->alive() || voice_->latencyReset(); });
  }

 private:
  void release() {
    if (device_) device_->closeSession(*voice_);
    device_.reset();
  }
  Outputs& outputs_;
  std::shared_ptr<ActiveDevice> device_;
  Voice* const voice_;
  kj::Timer& timer_;
};

class OpenCapture final : public ipc::Capture::Server {
 public:
  OpenCapture(std::shared_ptr<CaptureGroup> captures, CaptureStream& stream) : captures_(std::move(captures)), stream_(&stream) {}
  ~OpenCapture() noexcept(false) { release(); }

  kj::Promise<void> close(CloseContext) override {
    release();
    return kj::READY_NOW;
  }

 private:
  void release() {
    if (captures_) captures_->close(*stream_);
    captures_.reset();
  }
  std::shared_ptr<CaptureGroup> captures_;
  CaptureStream* stream_;
};

}  // namespace

kj::Promise<void> Server::listDevices(ListDevicesContext context) {
  return answer([&] {
    const DeviceCatalog::Listing listing = catalog_.list();
    write(context.getResults().initDevices(static_cast<unsigned>(listing.devices.size())), listing.devices);
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
  const auto params = context.getParams();
  auto refill = ipc::takeFdIf(params.hasRefill(), params.getRefill());
  auto page = ipc::takeFdIf(params.hasPage(), params.getPage());
  return refill.then([this, context, page = kj::mv(page)](transport::Fd refill) mutable {
    return page.then([this, context, refill = std::move(refill)](transport::Fd page) mutable {
      return answer([&] { openOutput(context, {std::move(refill), std::move(page)}); });
    });
  });
}

void Server::openOutput(OpenOutputContext& context, BroughtEnds brought) {
  const auto config = context.getParams().getConfig();
  Outputs::Opened opened = outputs_.open(config.getDevice().cStr(), check(config), std::move(brought));
  auto results = context.getResults();
  results.setSampleRate(static_cast<float>(opened.ends.sampleRate));
  results.setCallbackFrames(opened.ends.callbackFrames);
  results.setDeviceLatency(opened.device->latency());
  results.setRing(ipc::describe(std::move(opened.ends.ring)));
  results.setRefill(ipc::describe(std::move(opened.ends.refill)));
  results.setPage(ipc::describe(std::move(opened.ends.page)));
  write(results.initDevice(), opened.device->info());
  results.setOutput(kj::heap<OpenOutput>(outputs_, opened.device, *opened.ends.voice, timer_));
}

kj::Promise<void> Server::startTap(StartTapContext context) {
  return answer([&] { outputs_.startTap(context.getParams().getPath().cStr(), context.getParams().getFrames(), context.getParams().getGoOn()); });
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

kj::Promise<void> Server::openCapture(OpenCaptureContext context) {
  const auto params = context.getParams();
  auto brought = kj::heapArrayBuilder<kj::Promise<transport::Fd>>(3);
  brought.add(ipc::takeFdIf(params.hasRing(), params.getRing()));
  brought.add(ipc::takeFdIf(params.hasWritten(), params.getWritten()));
  brought.add(ipc::takeFdIf(params.hasPage(), params.getPage()));
  return kj::joinPromises(brought.finish()).then([this, context](kj::Array<transport::Fd> fds) mutable {
    return answer([&] { openCapture(context, {std::move(fds[0]), std::move(fds[1]), std::move(fds[2])}); });
  });
}

void Server::openCapture(OpenCaptureContext& context, BroughtCapture brought) {
  const auto config = context.getParams().getConfig();
  Inputs::Opened opened = inputs_.open(config.getDevice().cStr(), check(config), std::move(brought));
  auto results = context.getResults();
  results.setSampleRate(static_cast<float>(opened.captures->sampleRate()));
  results.setChannels(opened.ends.channels);
  results.setLatency(opened.latency);
  results.setRing(ipc::describe(std::move(opened.ends.ring)));
  results.setWritten(ipc::describe(std::move(opened.ends.written)));
  results.setPage(ipc::describe(std::move(opened.ends.page)));
  write(results.initDevice(), opened.device);
  results.setCapture(kj::heap<OpenCapture>(std::move(opened.captures), *opened.ends.stream));
}

kj::Promise<void> Server::watchDevices(WatchDevicesContext context) {
  context.getResults().setWatch(notices_.watch(context.getParams().getListener()));
  return poll(timer_, kFadePoll, [this] { return notices_.ready(); });
}

kj::Promise<void> tendForever(Outputs& outputs, Inputs& inputs, DeviceNotices& notices, kj::Timer& timer) {
  return poll(timer, kTendInterval, [&outputs, &inputs, &notices] {
    inputs.tend();
    outputs.tend();
    notices.tend();
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
