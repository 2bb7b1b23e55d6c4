// Audio servers come and go: when one has died another opens its devices, and sessions, captures and the tap go on there, without the
// control thread. A session moves as to any other device (engine_moves.cc); the new server fills a capture's ring on, and appends to the tap.

#include "ipc/connection.h"
#include "session/engine_impl.h"

namespace backline::session {

namespace {

constexpr auto kHealthyAfter = 10 * kj::SECONDS;   // deaths before count no more
constexpr auto kAudioLook = 500 * kj::MILLISECONDS;
constexpr std::uint32_t kMostLooksStopped = 4;

}  // namespace

void Engine::Impl::loseAudio(const std::string& how) {
  ++audioServers_;
  deviceWatch_.end();
  beginningToWatch_ = nullptr;
  healing_ = nullptr;
  if (!audioWorked_) return failAudio(how);   // nor would another
  const int pause = audioDeaths_.count();
  if (audioDeaths_.tooMany()) return failAudio(audioDeaths_.told(how) + "see what its device or sound server does");
  for (auto& [id, end] : sessions_) end->loseServer(how);
  for (auto& [id, end] : captures_) end->interrupt();
  KJ_IF_MAYBE(io, ioContext_) {
    restoringAudio_ = io->provider->getTimer().afterDelay(pause * kj::MILLISECONDS).then([this, &io = *io] { return restoreAudio(io); }).eagerlyEvaluate(
        [this](kj::Exception&& exception) { failAudio(ipc::errorText(exception)); });
  }
  if (tap_ == Tap::running) howTapWasLost_ = how;
  tidyLater();
}

void Engine::Impl::watchAudio(kj::AsyncIoContext& io) {
  if (lookingAt_ == audio_.pid()) return;
  lookingAt_ = audio_.pid();
  watchingAudio_ = lookAtAudio(io, 0).eagerlyEvaluate([](kj::Exception&&) {});
}

/// Counted in looks, not by the clock: that this program was stopped itself is nobody's fault.
kj::Promise<void> Engine::Impl::lookAtAudio(kj::AsyncIoContext& io, std::uint32_t stopped) {
  return io.provider->getTimer().afterDelay(kAudioLook).then([this, &io, stopped]() -> kj::Promise<void> {
    const int pid = audio_.pid();
    if (pid != lookingAt_ || !audio_.running()) return kj::READY_NOW;
    const std::uint32_t now = audio_.helper().isStopped() ? stopped + 1 : 0;
    if (now >= kMostLooksStopped) audio_.helper().kill("was stopped for two seconds and was ended");   // what follows is what follows a death
    return lookAtAudio(io, now);
  });
}

void Engine::Impl::failAudio(const std::string& how) {
  audioDeaths_.forget();
  if (tap_ == Tap::running) {
    tap_ = Tap::lost;
    howTapWasLost_ = how;
  }
  for (auto& [id, end] : sessions_) end->fail(how);
  for (auto& [id, end] : captures_) end->lose(how);
  tidyLater();
}

kj::Promise<void> Engine::Impl::restoreAudio(kj::AsyncIoContext& io) {
  const bool playing = std::any_of(sessions_.begin(), sessions_.end(), [](const auto& entry) { return !entry.second->failed(); });
  const bool capturing = std::any_of(captures_.begin(), captures_.end(), [](const auto& entry) { return !entry.second->lost(); });
  if (!playing && !capturing) {
    failAudio(howTapWasLost_);
    return kj::READY_NOW;
  }
  auto server = audio_.start(io).main<ipc::AudioServer>();
  watchAudio(io);
  healing_ = io.provider->getTimer().afterDelay(kHealthyAfter).then([this] { audioDeaths_.forget(); }).eagerlyEvaluate(nullptr);
  if (tap_ != Tap::running) {
    reopenAll(io, kj::mv(server));
    return kj::READY_NOW;
  }
  // First, so that it misses nothing.
  auto request = server.startTapRequest();
  request.setPath(options_.tapPath);
  request.setFrames(tapFrames_);
  request.setGoOn(true);
  return request.send().ignoreResult().catch_([this](kj::Exception&& exception) -> kj::Promise<void> {
    if (exception.getType() == kj::Exception::Type::DISCONNECTED) return kj::NEVER_DONE;   // the next server is asked
    tap_ = Tap::lost;
    howTapWasLost_ += "; " + std::string(ipc::errorText(exception));
    return kj::READY_NOW;
  }).then([this, &io, server]() mutable { reopenAll(io, kj::mv(server)); });
}

void Engine::Impl::reopenAll(kj::AsyncIoContext& io, ipc::AudioServer::Client server) {
  if (devicesChanged_->wanted()) watchDevices(io);
  // When the last session lets go of it: captures of what sessions play on find the devices as they were opened for those.
  const std::shared_ptr<void> last(nullptr, [this, server, number = audioServers_](void*) mutable {
    if (number != audioServers_) return;
    for (auto& [id, end] : captures_) end->goOn(server);
  });
  for (auto& [id, end] : sessions_) reopenLater(io, *end, last);
}

void Engine::Impl::reopenLater(kj::AsyncIoContext& io, SessionEnd& end, std::shared_ptr<void> holds) {
  end.queueMove([this, &io, &end, holds] { return reopen(io, end).then([holds] {}); });
}

/// Where it was, else as one that has lost its device.
kj::Promise<void> Engine::Impl::reopen(kj::AsyncIoContext& io, SessionEnd& end) {
  if (end.failed() || !end.outputLost()) return kj::READY_NOW;
  return moveSession(io, end, end.options().device, end.info().deviceId).catch_([this, &io, &end, server = audioServers_](kj::Exception&& exception) -> kj::Promise<void> {
    if (server != audioServers_ || end.failed()) return kj::READY_NOW;   // the next one is asked
    return makeDo(io, end, deviceFor(end.options().device).empty() ? "" : "virtual", ipc::errorText(exception));
  });
}

void Engine::Impl::settle(kj::AsyncIoContext& io, SessionEnd& end, std::uint32_t server) {
  if (server == audioServers_) {
    end.findServer();
    return watchOutput(io, end);
  }
  end.loseServer({});
  reopenLater(io, end);
}

void SessionEnd::loseServer(const std::string& how) {
  if (!failed_ && !std::exchange(withoutServer_, true)) channel_->say({{0, 0, render::SessionInterrupted{how}}});
  lossWatch_ = nullptr;
  output_.output = nullptr;
  outputLost_ = true;
  looks_ = 0;
}

void SessionEnd::findServer() {
  if (failed_ || !std::exchange(withoutServer_, false) || restoring_ || !everShown()) return;
  const ipc::SessionStatus status = statusNow();
  channel_->say({{0, 0, render::StateChanged{static_cast<std::uint32_t>(status.state), status.generation, status.frame}}});
}

}  // namespace backline::session
