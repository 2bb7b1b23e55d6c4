#include "ipc/connection.h"
#include "session/engine_impl.h"

namespace backline::session {

void Engine::Impl::moveOutput(std::uint64_t session, const std::string& device, std::function<void(OutputMoved)> done) {
  io_.async([this, session, device, done = std::move(done)](kj::AsyncIoContext& io) {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) return;
    SessionEnd& end = *found->second;
    end.queueMove([this, &io, &end, device, done] {
      using Outcome = OutputMoved::Outcome;
      auto moved = findOutput(io, device).then([this, &io, &end, device] {
        return moveSession(io, end, device, device).then([&end] { return OutputMoved{Outcome::moved, {}, end.info()}; },
                                                 [](kj::Exception&& exception) { return OutputMoved{Outcome::failed, ipc::errorText(exception), {}}; });
      }, [](kj::Exception&& exception) -> kj::Promise<OutputMoved> {
        return OutputMoved{Outcome::unknown, ipc::errorText(exception), {}};
      });
      return moved.then([done](OutputMoved&& outcome) { done(std::move(outcome)); });
    });
  });
}

kj::Promise<void> Engine::Impl::findOutput(kj::AsyncIoContext& io, const std::string& device) {
  if (device.empty()) return kj::READY_NOW;
  return askAudioServer<void>(io, [device](ipc::AudioServer::Client server) {
    auto request = server.describeOutputRequest();
    request.setDevice(device);
    return request.send().ignoreResult();
  });
}

kj::Promise<void> Engine::Impl::moveSession(kj::AsyncIoContext& io, SessionEnd& end, const std::string& wanted, const std::string& device) {
  if (end.failed()) return ipc::callError("the session has ended");
  SessionOptions options = end.options();
  options.device = device;
  return openOutput(io, options, &end.output()).then([this, &io, &end, wanted](OpenOutput&& opened) {
    return end.moveTo(wanted, opened.info, std::move(opened.output)).then([this, &io, &end, server = opened.server] { settle(io, end, server); });
  });
}

void SessionEnd::queueMove(std::function<kj::Promise<void>()> move) {
  moves_ = moves_.then([move = std::move(move)] { return move(); }).eagerlyEvaluate([](kj::Exception&&) {});
}

kj::Promise<void> SessionEnd::moveTo(const std::string& device, const SessionInfo& info, SessionOutput next) {
  try {
    const auto before = mapPart<transport::RingWriter>("ring", output_.ring), after = mapPart<transport::RingWriter>("ring", next.ring);
    if (after.format().channels != before.format().channels || after.format().sampleRate != before.format().sampleRate ||
        after.format().capacityFrames < before.format().capacityFrames)
      throw EngineError("the audio server's ring is not what the session needs");
  } catch (const std::exception& error) {
    return ipc::callError(error.what());
  }
  return leaveOutput().then([this, device, info, next = std::move(next)]() mutable {
    const double baseLatency = info_.baseLatency;
    options_.device = device;
    info_ = info;
    info_.baseLatency = baseLatency;
    // What is the session's stays the session's, whatever the server sent back.
    output_.ring = std::move(next.ring);
    ++ringNumber_;
    output_.callbackFrames = next.callbackFrames;
    output_.deviceLatency = next.deviceLatency;
    output_.output = kj::mv(next.output);
    outputLost_ = false;
    howLost_.clear();
    return tellHost();
  }).catch_([this](kj::Exception&& exception) {
    fail(ipc::errorText(exception));
    kj::throwFatalException(kj::mv(exception));
  });
}

kj::Promise<void> SessionEnd::leaveOutput() {
  lossWatch_ = nullptr;
  KJ_IF_MAYBE(output, output_.output) {
    // A server that has gone reads no more.
    return output->closeRequest().send().ignoreResult().catch_([](kj::Exception&&) {});
  }
  return kj::READY_NOW;
}

}  // namespace backline::session
