#include "control/audio_context.h"

#include <algorithm>
#include <utility>

#include "control/audio_context_sink.h"
#include "control/checks.h"

namespace backline {

namespace {

constexpr double kHighestSampleRate = 768000;   // Hz (Web Audio §2.3)

// Targets for the output ring.
constexpr double kBalancedLatency = 0.025;   // seconds
constexpr double kPlaybackLatency = 0.1;     // seconds
constexpr double kHighestLatency = 0.5;      // seconds

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

session::SessionOptions sessionOptions(const AudioContextOptions& options) {
  session::SessionOptions wanted{.device = deviceOf(options.sinkId), .latency = latencyOf(options)};
  if (options.sampleRate) {
    requireSampleRate(*options.sampleRate, "sampleRate");
    wanted.sampleRate = *options.sampleRate;
  }
  if (const auto* frames = std::get_if<std::uint32_t>(&options.renderSizeHint)) {
    requireQuantum(*frames, options.sampleRate.value_or(kHighestSampleRate), "renderSizeHint");
    wanted.quantum = *frames;
  } else if (std::get<AudioContextRenderSizeCategory>(options.renderSizeHint) == AudioContextRenderSizeCategory::hardware) {
    wanted.quantum = 0;
  }
  return wanted;
}

std::unique_ptr<session::Session> openSession(session::Engine& engine, const session::SessionOptions& options) {
  try {
    return engine.open(options);
  } catch (const session::EngineError& error) {
    throw DomException("NotSupportedError", error.what());
  } catch (const std::invalid_argument& error) {
    throw DomException("NotSupportedError", error.what());
  }
}

}  // namespace

struct AudioContext::Opened {
  std::unique_ptr<session::Session> session;
  std::string error;   // why it is not what sinkId says

  static Opened with(session::Engine& engine, const AudioContextOptions& options) {
    session::SessionOptions wanted = sessionOptions(options);
    Opened opened;
    if (!mayBeThere(options.sinkId)) opened.error = whyNotThere(options.sinkId);
    if (!wanted.device.empty() && opened.error.empty()) {
      try {
        opened.session = engine.open(wanted);
      } catch (const session::EngineError& error) {
        opened.error = error.what();
      }
    }
    if (!opened.session) {
      wanted.device.clear();
      opened.session = openSession(engine, wanted);
    }
    // The device's rate is only known now.
    if (!options.sampleRate) requireQuantum(opened.session->info().quantum, opened.session->info().sampleRate, "renderSizeHint");
    return opened;
  }
};

AudioContext::AudioContext(session::Engine& engine, const AudioContextOptions& options)
    : AudioContext(Opened::with(engine, options), options) {}

// https://webaudio.github.io/web-audio-api/#dom-audiocontext-audiocontext
AudioContext::AudioContext(Opened opened, const AudioContextOptions& options) : BaseAudioContext(std::move(opened.session), nullptr) {
  const auto* category = std::get_if<AudioContextRenderSizeCategory>(&options.renderSizeHint);
  if (category != nullptr && *category == AudioContextRenderSizeCategory::hardware) hideQuantum();
  if (opened.error.empty()) {
    sinkId_ = options.sinkId;
    start();
    return;
  }
  makeDestination();
  wantsToRun_ = false;
  link()->queueTask([this, error = opened.error] {
    if (onerror) onerror(error);
  });
}

AudioContext::AudioContext(std::unique_ptr<session::Session> session, std::shared_ptr<NativeWorklets> native)
    : BaseAudioContext(std::move(session), std::move(native)) {
  start();
}

void AudioContext::makeDestination() {
  const session::SessionInfo& info = link()->info();
  BaseAudioContext::makeDestination(AudioDestinationNode::Kind::live, std::min(info.channels, info.maxChannels), info.maxChannels);
  link()->onOutputChanged([this](const session::OutputChanged& changed) { outputChanged(changed); });
}

void AudioContext::start() {
  makeDestination();
  link()->send(0, render::SetRunning{1, ++generation_});
}

std::shared_ptr<MediaElementAudioSourceNode> AudioContext::createMediaElementSource(std::shared_ptr<MediaElementSound> mediaElement) {
  return MediaElementAudioSourceNode::create(*this, {std::move(mediaElement)});
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
  return ((wantsToRun_ || audioWorklet().isListenedTo()) && !link()->isShut()) || !pending_.empty() || !sinkChanges_.empty() || BaseAudioContext::isBusy();
}

double AudioContext::baseLatency() const {
  const std::uint32_t frames = link()->timing().ringTarget;
  return frames > 0 ? frames / static_cast<double>(sampleRate()) : link()->info().baseLatency;
}

AudioTimestamp AudioContext::getOutputTimestamp() const {
  const session::Timing timing = link()->timing();
  // The first frame of what a callback takes is heard when the device's latency is over.
  const double first = static_cast<double>(timing.playedFrame) - timing.callbackFrames;
  const double heard = first / sampleRate() - timing.outputLatency;
  if (timing.playedFrame == 0 || heard <= 0) return {};
  // After a move to a device of more latency what was heard is not heard again: there is silence first.
  heard_ = std::max(heard_, heard);
  return {heard_, timing.playedNanoseconds};
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
  link()->queueTask([this] { failSinkChanges(DomException("InvalidStateError", "setSinkId: the context is closed")); });
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
  if (this->state() == AudioContextState::running && state != AudioContextState::running) playbackStats_->catchUp();
  if (state == AudioContextState::closed) shut();
  for (const Pending& pending : over) {
    if (pending.done) pending.done({});
  }
  setState(state);
  if (state == AudioContextState::closed) failPending(DomException("InvalidStateError", "the context is closed"));
}

/// Web Audio §1.2.8, "interrupt an AudioContext". One that is suspended shows nothing of it.
void AudioContext::receive(const render::SessionInterrupted&) {
  if (state() != AudioContextState::running) return;
  playbackStats_->catchUp();
  setState(AudioContextState::interrupted);
}

void AudioContext::failPending(const Error& error) {
  for (const Pending& pending : std::exchange(pending_, {})) {
    if (pending.done) pending.done(error);
  }
  failSinkChanges(error);
  BaseAudioContext::failPending(error);
}

}  // namespace backline
