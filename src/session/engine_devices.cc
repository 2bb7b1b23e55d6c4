// Which devices there are, and word of their changes, with or without sessions.

#include "ipc/connection.h"
#include "ipc/text.h"
#include "session/engine_impl.h"

namespace backline::session {

namespace {

constexpr auto kStartAgain = 1 * kj::SECONDS;   // after the end of an audio server that only watched

}  // namespace

kj::Promise<ipc::AudioServer::Client> Engine::Impl::audioServer(kj::AsyncIoContext& io) {
  ioContext_ = io;
  if (!audio_.running()) deviceWatch_.end();
  ipc::AudioServer::Client server = audio_.start(io).main<ipc::AudioServer>();
  watchAudio(io);
  kj::Promise<void> watching = kj::READY_NOW;
  if (devicesChanged_->wanted()) watching = deviceWatch_.begin(server, [this, &io] { followAll(io); });
  return watching.then([server]() mutable { return kj::mv(server); });
}

kj::Promise<Engine::DeviceList> Engine::Impl::askDevices(kj::AsyncIoContext& io) {
  return askAudioServer<DeviceList>(io, [](ipc::AudioServer::Client server) {
    return server.listDevicesRequest().send().then([](auto&& answer) {
      DeviceList list;
      for (const auto device : answer.getDevices())
        list.devices.push_back({ipc::text(device.getId()), ipc::text(device.getName()), ipc::text(device.getBackend()), device.getMaxChannels(),
                                device.getSampleRate(), device.getIsDefault(), device.getInput(), ipc::text(device.getClock())});
      for (const auto backend : answer.getBackends())
        list.backends.push_back({ipc::text(backend.getName()), ipc::text(backend.getDetail()), backend.getAvailable()});
      return list;
    });
  });
}

Engine::DeviceList Engine::Impl::listDevices() {
  return io_.sync([this](kj::AsyncIoContext& io) { return askDevices(io); });
}

void Engine::Impl::listDevices(std::function<void(DeviceList, std::string)> done) {
  io_.begin([this, done = std::move(done)](kj::AsyncIoContext& io) {
    return askDevices(io).then([done](DeviceList&& list) { done(std::move(list), {}); },
                               [done](kj::Exception&& exception) { done({}, ipc::errorText(exception)); });
  });
}

void Engine::Impl::onDevicesChanged(std::function<void()> changed) {
  devicesChanged_->set(std::move(changed));
  io_.sync([this](kj::AsyncIoContext& io) -> kj::Promise<void> {
    if (devicesChanged_->wanted()) return askAudioServer<void>(io, [](ipc::AudioServer::Client) {});
    watchingAgain_ = nullptr;
    if (!anyFollows()) deviceWatch_.end();
    tidyLater();
    return kj::READY_NOW;
  });
}

void Engine::Impl::watchAgainLater() {
  KJ_IF_MAYBE(io, ioContext_) {
    watchingAgain_ = io->provider->getTimer().afterDelay(kStartAgain).then([this, &io = *io]() -> kj::Promise<void> {
      if (!devicesChanged_->wanted() || audio_.running()) return kj::READY_NOW;
      return askAudioServer<void>(io, [](ipc::AudioServer::Client) {});
    }).eagerlyEvaluate([](kj::Exception&&) {});   // the end of the call leads here again
  }
}

}  // namespace backline::session
