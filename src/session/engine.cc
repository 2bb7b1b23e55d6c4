#include "session/engine.h"

#include <algorithm>

#include "session/engine_impl.h"
#include "session/find_helpers.h"

namespace backline::session {

namespace {

EngineOptions withCommands(EngineOptions options) {
  if (options.audioCommand.empty()) options.audioCommand = {findHelper("backline-audio", options.helperFolder)};
  if (options.renderCommand.empty()) options.renderCommand = {findHelper("backline-render", options.helperFolder)};
  return options;
}

}  // namespace

Engine::Impl::Impl(EngineOptions options)
    : options_(withCommands(std::move(options))),
      audio_(options_.audioCommand, "backline-audio", [this](const std::string& how) { loseAudio(how); }),
      render_(options_.renderCommand, "backline-render", [this](const std::string& how) { loseRender(how); }),
      spare_(options_.renderCommand, "backline-render", [this](const std::string&) { ++spareDeaths_; }),
      sight_(options_.programName, options_.logPerformance, [this] { return helpers(); }) {}

Engine::Impl::~Impl() {
  io_.sync([this](kj::AsyncIoContext&) {
    cleanUp_ = nullptr;
    restoringAudio_ = nullptr;
    healing_ = nullptr;
    watchingAudio_ = nullptr;
    watchingAgain_ = nullptr;
    sessions_.clear();
    captures_.clear();
    deviceWatch_.end();
    dropRenderHosts();
    audio_.drop();
  });
}

std::pair<std::uint64_t, std::uint64_t> Engine::Impl::finishTap() {
  using Counts = std::pair<std::uint64_t, std::uint64_t>;
  return io_.sync([this](kj::AsyncIoContext& io) -> kj::Promise<Counts> {
    if (tap_ == Tap::lost) return ipc::callError("the tap '" + options_.tapPath + "' was cut off: " + howTapWasLost_);
    if (tap_ != Tap::running) return Counts{};
    return askAudioServer<Counts>(io, [this](ipc::AudioServer::Client server) {
      return server.finishTapRequest().send().then([this](auto&& answer) {
        tap_ = Tap::finished;
        return Counts{answer.getFrames(), answer.getDropped()};
      }, [this](kj::Exception&& exception) -> Counts {
        // It fails once only, unless the server has gone with it.
        if (exception.getType() != kj::Exception::Type::DISCONNECTED) tap_ = Tap::finished;
        kj::throwFatalException(kj::mv(exception));
      });
    });
  });
}

void Engine::Impl::bindBuffer(std::uint64_t session, render::ResourceId id, std::uint32_t channels, std::uint64_t length, float sampleRate,
                              transport::Fd memory) {
  io_.async([this, session, id, channels, length, sampleRate,
             memory = std::make_shared<transport::Fd>(std::move(memory))](kj::AsyncIoContext&) {
    if (const auto end = sessions_.find(session); end != sessions_.end())
      end->second->bindBuffer(id, channels, length, sampleRate, std::move(*memory));
  });
}

void Engine::Impl::bindStream(std::uint64_t session, render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends) {
  io_.async([this, session, id, kind, ends = std::make_shared<render::StreamEnds>(std::move(ends))](kj::AsyncIoContext&) {
    if (const auto end = sessions_.find(session); end != sessions_.end()) end->second->bindStream(id, kind, std::move(*ends));
  });
}

void Engine::Impl::resetLatency(std::uint64_t session) {
  io_.async([this, session](kj::AsyncIoContext&) {
    if (const auto end = sessions_.find(session); end != sessions_.end()) end->second->resetLatency();
  });
}

// A helper that is slow to end is waited for on the I/O thread, not by whoever closes: hence the second step.
void Engine::Impl::close(std::uint64_t session) {
  io_.sync([this, session](kj::AsyncIoContext&) { sessions_.erase(session); });
  io_.async([this](kj::AsyncIoContext&) { tidyLater(); });
}

void Engine::Impl::closeCapture(std::uint64_t capture) {
  if (io_.isThisThread()) captures_.erase(capture);
  else io_.sync([this, capture](kj::AsyncIoContext&) { captures_.erase(capture); });
  io_.async([this](kj::AsyncIoContext&) { tidyLater(); });
}

void Engine::Impl::tidyLater() {
  cleanUp_ = kj::evalLater([this] { tidy(); }).eagerlyEvaluate([](kj::Exception&&) {});
}

void Engine::Impl::tidy() {
  const bool playing = std::any_of(sessions_.begin(), sessions_.end(), [](const auto& entry) { return !entry.second->failed(); });
  const bool capturing = std::any_of(captures_.begin(), captures_.end(), [](const auto& entry) { return !entry.second->lost(); });
  if (!playing && calls_ == 0) {
    dropRenderHosts();
  }
  // What a tap still has to say is asked for by finishTap.
  const bool needed = playing || capturing || calls_ > 0 || tap_ == Tap::running || devicesChanged_->wanted();
  if (audio_.gone() || !needed) {
    deviceWatch_.end();
    audio_.drop();
  }
  if (devicesChanged_->wanted() && !audio_.running() && !playing && !capturing && calls_ == 0) watchAgainLater();
}

Engine::Engine(EngineOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Engine::~Engine() = default;
std::unique_ptr<Session> Engine::open(const SessionOptions& options) { return impl_->open(options); }
std::unique_ptr<Capture> Engine::openCapture(const CaptureOptions& options) { return impl_->openCapture(options); }
void Engine::openCapture(const CaptureOptions& options, std::function<void(std::unique_ptr<Capture>, std::string)> done) { impl_->openCapture(options, std::move(done)); }
Engine::DeviceList Engine::listDevices() { return impl_->listDevices(); }
void Engine::listDevices(std::function<void(DeviceList, std::string)> done) { impl_->listDevices(std::move(done)); }
void Engine::onDevicesChanged(std::function<void()> changed) { impl_->onDevicesChanged(std::move(changed)); }
std::pair<std::uint64_t, std::uint64_t> Engine::finishTap() { return impl_->finishTap(); }
Engine::Helpers Engine::helpers() const { return impl_->helpers(); }

}  // namespace backline::session
