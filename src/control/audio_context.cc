#include "control/audio_context.h"

#include <algorithm>
#include <utility>

#include "control/checks.h"

namespace backline {

namespace {

// Targets for the output ring.
constexpr double kBalancedLatency = 0.025;   // seconds
constexpr double kPlaybackLatency = 0.1;     // seconds
constexpr double kHighestLatency = 1;        // seconds

double latencyOf(const AudioContextOptions& options) {
  if (const auto* seconds = std::get_if<double>(&options.latencyHint)) {
    requireFinite(*seconds, "latencyHint");
    return std::clamp(*seconds, 0.0, kHighestLatency);
  }
  switch (std::get<AudioContextLatencyCategory>(options.latencyHint)) {
    case AudioContextLatencyCategory::balanced: return kBalancedLatency;
    case AudioContextLatencyCategory::playback: return kPlaybackLatency;
    default: return 0;
  }
}

std::unique_ptr<session::Session> openSession(session::Engine& engine, const AudioContextOptions& options) {
  session::SessionOptions wanted{.device = options.sinkId, .quantum = options.renderSizeHint, .latency = latencyOf(options)};
  if (options.sampleRate) {
    requireSampleRate(*options.sampleRate, "sampleRate");
    wanted.sampleRate = *options.sampleRate;
    requireQuantum(wanted.quantum, wanted.sampleRate, "renderSizeHint");
  }
  try {
    return engine.open(wanted);
  } catch (const session::EngineError& error) {
    throw DomException("NotSupportedError", error.what());
  } catch (const std::invalid_argument& error) {
    throw DomException("NotSupportedError", error.what());
  }
}

}  // namespace

AudioContext::AudioContext(session::Engine& engine, const AudioContextOptions& options)
    : AudioContext(openSession(engine, options)) {
  sinkId_ = options.sinkId;
}

AudioContext::AudioContext(std::unique_ptr<session::Session> session, std::shared_ptr<NativeWorklets> native)
    : BaseAudioContext(std::move(session), std::move(native)) {
  const session::SessionInfo& info = link()->info();
  makeDestination(AudioDestinationNode::Kind::live, std::min(info.channels, info.maxChannels), info.maxChannels);
  link()->send(0, render::SetRunning{1, ++generation_});
}

std::shared_ptr<MediaStreamAudioSourceNode> AudioContext::createMediaStreamSource(std::shared_ptr<MediaStream> mediaStream) {
  return MediaStreamAudioSourceNode::create(*this, {std::move(mediaStream)});
}

std::shared_ptr<MediaStreamTrackAudioSourceNode> AudioContext::createMediaStreamTrackSource(std::shared_ptr<MediaStreamTrack> mediaStreamTrack) {
  return MediaStreamTrackAudioSourceNode::create(*this, {std::move(mediaStreamTrack)});
}

std::shared_ptr<MediaStreamAudioDestinationNode> AudioContext::createMediaStreamDestination() {
  return std::make_shared<MediaStreamAudioDestinationNode>(*this);
}

bool AudioContext::isBusy() const {
  return (wantsToRun_ && !link()->isShut()) || !pending_.empty() || BaseAudioContext::isBusy();
}

AudioTimestamp AudioContext::getOutputTimestamp() const {
  const session::Timing timing = link()->timing();
  if (timing.playedFrame == 0) return {};
  // What of the latency is not waiting in the ring lies between the device's callback and the ear.
  const double waiting =
      timing.frame > timing.playedFrame ? static_cast<double>(timing.frame - timing.playedFrame) / sampleRate() : 0;
  const double device = std::max(0.0, timing.outputLatency - waiting);
  const double heard = static_cast<double>(timing.playedFrame) / sampleRate() - device;
  if (heard <= 0) return {};
  return {heard, timing.playedNanoseconds};
}

bool AudioContext::refuseIfClosed(const char* method, const Completion& done) const {
  if (!closing_ && state() != AudioContextState::closed) return false;
  if (done) done(DomException("InvalidStateError", std::string(method) + ": the context is closed"));
  return true;
}

void AudioContext::setRunning(bool running, Completion done) {
  if (refuseIfClosed(running ? "resume" : "suspend", done)) return;
  wantsToRun_ = running;
  pending_.push_back({++generation_, std::move(done)});
  link()->send(0, render::SetRunning{running ? 1u : 0u, generation_});
}

void AudioContext::close(Completion done) {
  if (refuseIfClosed("close", done)) return;
  closing_ = true;
  wantsToRun_ = false;
  pending_.push_back({++generation_, std::move(done)});
  link()->send(0, render::CloseSession{generation_});
  link()->stopSending();
}

void AudioContext::receive(const render::StateChanged& changed) {
  std::vector<Pending> over;
  auto later = std::find_if(pending_.begin(), pending_.end(),
                            [&](const Pending& pending) { return pending.generation > changed.generation; });
  std::move(pending_.begin(), later, std::back_inserter(over));
  pending_.erase(pending_.begin(), later);
  const auto state = static_cast<AudioContextState>(changed.running);
  if (state == AudioContextState::closed) shut();
  for (const Pending& pending : over) {
    if (pending.done) pending.done({});
  }
  setState(state);
  if (state == AudioContextState::closed) failPending(DomException("InvalidStateError", "the context is closed"));
}

void AudioContext::failPending(const Error& error) {
  for (const Pending& pending : std::exchange(pending_, {})) {
    if (pending.done) pending.done(error);
  }
  BaseAudioContext::failPending(error);
}

}  // namespace backline
