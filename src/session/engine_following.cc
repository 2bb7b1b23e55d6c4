// Sessions go where their device is: elsewhere when it is lost, back when it returns, and along with the default. A move is the one that
// setSinkId makes (engine_moves.cc): the ring is left behind with what was not heard, and read to its end at the new place.

#include "ipc/connection.h"
#include "session/engine_impl.h"

namespace backline::session {

namespace {

constexpr const char* kVirtual = "virtual";   // where one plays that has nowhere to play
constexpr auto kFirstLook = 500 * kj::MILLISECONDS;
constexpr std::uint32_t kLooks = 5;           // each after twice as long as the one before

/// What is never lost is never left.
bool follows(const std::string& device) { return device != kVirtual && device != "stepped" && device != kNoOutput; }

}  // namespace

bool Engine::Impl::anyFollows() const {
  return std::any_of(sessions_.begin(), sessions_.end(), [this](const auto& entry) {
    return !entry.second->failed() && follows(deviceFor(entry.second->options().device));
  });
}

void Engine::Impl::watchOutput(kj::AsyncIoContext& io, SessionEnd& end) {
  if (!follows(deviceFor(end.options().device))) return;
  end.watchOutput([this, &io, &end](const std::string& reason) {
    end.forgive();
    followLater(io, end, reason);
  });
  // Who is told of nothing stays where it is until its device is lost.
  if (audio_.running()) watchDevices(io);
}

void Engine::Impl::watchDevices(kj::AsyncIoContext& io) {
  beginningToWatch_ = deviceWatch_.begin(audio_.start(io).main<ipc::AudioServer>(), [this, &io] { followAll(io); }).eagerlyEvaluate([](kj::Exception&&) {});
}

void Engine::Impl::followAll(kj::AsyncIoContext& io) {
  for (auto& [id, end] : sessions_) {
    if (!follows(deviceFor(end->options().device))) continue;
    end->forgive();
    followLater(io, *end, {});
  }
}

void Engine::Impl::followLater(kj::AsyncIoContext& io, SessionEnd& end, const std::string& lost) {
  end.queueMove([this, &io, &end, lost] { return follow(io, end, lost); });
}

/// `lost`: how the device was, where it was.
kj::Promise<void> Engine::Impl::follow(kj::AsyncIoContext& io, SessionEnd& end, const std::string& lost) {
  const std::string wanted = deviceFor(end.options().device);
  if (end.failed() || !follows(wanted)) return kj::READY_NOW;
  auto id = askAudioServer<std::string>(io, [wanted](ipc::AudioServer::Client server) {
    auto request = server.describeOutputRequest();
    request.setDevice(wanted);
    return request.send().then([](auto&& answer) { return std::string(answer.getDevice().getId().cStr()); });
  });
  return id.catch_([](kj::Exception&&) { return std::string(); }).then([this, &io, &end, wanted, lost](std::string id) -> kj::Promise<void> {
    if (end.failed()) return kj::READY_NOW;
    // A server that was there again before anybody saw that it had gone is told of by nobody.
    if (end.outputLost() || end.info().deviceId == kVirtual) end.lookAgain([this, &io, &end] { followLater(io, end, {}); });
    if (!end.outputLost() && id == end.info().deviceId) return kj::READY_NOW;
    if (!id.empty()) {
      return goTo(io, end, id, lost).catch_([this, &io, &end, wanted, lost](kj::Exception&&) { return makeDo(io, end, wanted.empty() ? wanted : kVirtual, lost); });
    }
    return makeDo(io, end, kVirtual, lost);
  });
}

/// What is wanted is not to be had now: a session that has lost its device goes to another.
kj::Promise<void> Engine::Impl::makeDo(kj::AsyncIoContext& io, SessionEnd& end, const std::string& device, const std::string& lost) {
  if (!end.outputLost() || end.failed()) return kj::READY_NOW;
  return goTo(io, end, device, lost).catch_([this, &end, server = audioServers_](kj::Exception&& exception) {
    if (server == audioServers_) end.fail(ipc::errorText(exception));   // else it is reopened on the next one
  });
}

kj::Promise<void> Engine::Impl::goTo(kj::AsyncIoContext& io, SessionEnd& end, const std::string& device, const std::string& lost) {
  return howLost(io, end, lost).then([this, &io, &end, device](std::string how) {
    return moveSession(io, end, end.options().device, device).then([&end, how = std::move(how)] { end.sayOutput(how); });
  });
}

/// Word of other devices may come before word of the loss, and move the session first.
kj::Promise<std::string> Engine::Impl::howLost(kj::AsyncIoContext& io, const SessionEnd& end, const std::string& lost) {
  if (!lost.empty()) return lost;
  if (!end.howLost().empty()) return end.howLost();
  const std::string left = end.info().deviceId;
  return findOutput(io, left).then([] { return std::string(); }, [left](kj::Exception&&) { return "device '" + left + "' has gone"; });
}

void SessionEnd::watchOutput(std::function<void(std::string)> lost) {
  KJ_IF_MAYBE(output, output_.output) {
    lossWatch_ = output->lostRequest().send().then([this, lost = std::move(lost)](auto&& answer) {
      outputLost_ = true;
      howLost_ = answer.getReason().cStr();
      lost(howLost_);
    }).eagerlyEvaluate([](kj::Exception&&) {});
  }
}

void SessionEnd::lookAgain(std::function<void()> again) {
  if (looks_ == kLooks) return;
  nextLook_ = events_.getTimer().afterDelay(kFirstLook * (1 << looks_)).then(std::move(again)).eagerlyEvaluate([](kj::Exception&&) {});
  ++looks_;
}

}  // namespace backline::session
