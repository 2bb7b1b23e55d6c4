#include "control/offline_audio_context.h"

#include <cmath>
#include <utility>

#include "control/checks.h"

namespace backline {

struct OfflineAudioContext::Opened {
  std::unique_ptr<session::OfflineSession> session;
  std::shared_ptr<NativeWorklets> native;

  static Opened with(const OfflineAudioContextOptions& options) {
    requireChannels(options.numberOfChannels, "numberOfChannels");
    if (options.length == 0) throw DomException("NotSupportedError", "length must be at least 1");
    requireSampleRate(options.sampleRate, "sampleRate");
    requireQuantum(options.renderSizeHint, options.sampleRate, "renderSizeHint");
    Opened opened;
    session::OfflineOptions wanted{options.sampleRate, options.renderSizeHint, options.numberOfChannels, options.worklets};
    if (!wanted.worklets) {
      opened.native = std::make_shared<NativeWorklets>();
      wanted.worklets = opened.native->factory();
    }
    try {
      opened.session = session::openOffline(wanted);
    } catch (const std::invalid_argument& error) {
      throw DomException("NotSupportedError", error.what());
    }
    return opened;
  }
};

OfflineAudioContext::OfflineAudioContext(const OfflineAudioContextOptions& options)
    : OfflineAudioContext(options, Opened::with(options)) {}

OfflineAudioContext::OfflineAudioContext(const OfflineAudioContextOptions& options, Opened opened)
    : BaseAudioContext(std::move(opened.session), std::move(opened.native)),
      session_(static_cast<session::OfflineSession*>(link()->session())),
      channels_(options.numberOfChannels),
      length_(options.length) {
  makeDestination(AudioDestinationNode::Kind::offline, channels_, channels_);
}

void OfflineAudioContext::startRendering(RenderingCompletion done) {
  if (started_) {
    done(nullptr, DomException("InvalidStateError", "startRendering may be called only once"));
    return;
  }
  if (link()->isShut()) {
    done(nullptr, DomException("InvalidStateError", "startRendering: the context is closed"));
    return;
  }
  started_ = true;
  rendering_ = std::move(done);
  link()->send(0, render::StartRendering{length_, channels_});
  link()->queueTask([this] {
    if (rendering_) setState(AudioContextState::running);
  });
}

void OfflineAudioContext::suspend(double suspendTime, Completion done) {
  auto refuse = [&](const std::string& why) {
    if (done) done(DomException("InvalidStateError", "suspendTime of suspend, " + textOf(suspendTime) + " s, " + why));
  };
  if (!(suspendTime >= 0)) return refuse("is negative");
  const double quantum = renderQuantumSize();
  const double frame = std::ceil(render::framesOf(suspendTime, sampleRate()) / quantum) * quantum;
  if (frame >= static_cast<double>(length_)) return refuse("is not before the end");
  const double now = static_cast<double>(link()->timing().frame);
  // Before the rendering has begun, frame 0 is still to come.
  if (started_ ? frame <= now : frame < now) return refuse("has passed");
  for (const auto& [generation, other] : suspends_) {
    if (static_cast<double>(other.frame) == frame) return refuse("is that of another suspend");
  }
  suspends_[++generation_] = {static_cast<std::uint64_t>(frame), std::move(done)};
  link()->send(0, render::SuspendAt{static_cast<std::uint64_t>(frame), generation_});
}

void OfflineAudioContext::resume(Completion done) {
  if (!started_ || link()->isShut()) {
    if (!done) return;
    done(DomException("InvalidStateError",
                      started_ ? "resume: the context is closed" : "resume: startRendering was not called"));
    return;
  }
  resumes_[++generation_] = std::move(done);
  link()->send(0, render::SetRunning{1, generation_});
}

bool OfflineAudioContext::isBusy() const {
  // A suspend() waits for a rendering; without one, nothing will come of it.
  return (started_ && !link()->isShut()) || !resumes_.empty() || BaseAudioContext::isBusy();
}

void OfflineAudioContext::receive(const render::StateChanged& changed) {
  Completion done;
  if (auto suspend = suspends_.extract(changed.generation)) done = std::move(suspend.mapped().done);
  if (auto resume = resumes_.extract(changed.generation)) done = std::move(resume.mapped());
  if (done) done({});
  setState(static_cast<AudioContextState>(changed.running));
}

void OfflineAudioContext::receive(const render::RenderingComplete&) {
  auto buffer = std::make_shared<AudioBuffer>(AudioBufferOptions{channels_, length_, sampleRate()});
  {
    const auto samples = session_->takeResult();
    for (std::uint32_t i = 0; i < samples.size(); ++i) buffer->copyToChannel(samples[i], i);
  }
  shut();
  if (auto done = std::exchange(rendering_, {})) done(buffer, {});
  failPending(DomException("InvalidStateError", "the rendering has ended"));
  setState(AudioContextState::closed);
  link()->queueTask([this, buffer] {
    if (oncomplete) oncomplete(buffer);
  });
}

void OfflineAudioContext::failPending(const Error& error) {
  for (const auto& [generation, suspend] : std::exchange(suspends_, {})) {
    if (suspend.done) suspend.done(error);
  }
  for (const auto& [generation, done] : std::exchange(resumes_, {})) {
    if (done) done(error);
  }
  if (auto done = std::exchange(rendering_, {})) done(nullptr, error);
  BaseAudioContext::failPending(error);
}

std::shared_ptr<AudioBuffer> OfflineAudioContext::render() {
  constexpr double kPatience = 1;   // seconds a sleep; the end wakes
  std::shared_ptr<AudioBuffer> result;
  std::optional<Error> failure;
  bool over = false;
  startRendering([&](std::shared_ptr<AudioBuffer> buffer, std::optional<Error> error) {
    result = std::move(buffer);
    failure = std::move(error);
    over = true;
  });
  while (!over) waitAndDispatch(kPatience);
  if (failure) throw *failure;
  return result;
}

}  // namespace backline
