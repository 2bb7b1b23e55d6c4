#include "control/offline_audio_context.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "control/checks.h"

namespace backline {

struct OfflineAudioContext::Opened {
  std::unique_ptr<session::OfflineSession> session;
  std::shared_ptr<NativeWorklets> native;

  static Opened with(const OfflineAudioContextOptions& options) {
    requireChannels(options.numberOfChannels, "numberOfChannels");
    if (options.length && *options.length == 0) throw DomException("NotSupportedError", "length must be at least 1");
    requireSampleRate(options.sampleRate, "sampleRate");
    const auto* frames = std::get_if<std::uint32_t>(&options.renderSizeHint);
    const std::uint32_t quantum = frames != nullptr ? *frames : render::kDefaultQuantum;
    requireQuantum(quantum, options.sampleRate, "renderSizeHint");
    Opened opened;
    session::OfflineOptions wanted{options.sampleRate, quantum, options.numberOfChannels, options.worklets};
    if (!wanted.worklets) {
      opened.native = std::make_shared<NativeWorklets>();
      wanted.worklets = opened.native->factory();
    }
    try {
      wanted.budgets = render::budgetsOfEnvironment(wanted.budgets);
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
      length_(options.length),
      memory_(options.memory ? options.memory : &transport::silence) {
  makeDestination(AudioDestinationNode::Kind::offline, channels_, channels_);
}

std::optional<Error> OfflineAudioContext::whyNotRender(std::optional<std::uint32_t> chunkSize) const {
  if (isOver()) {
    return DomException("InvalidStateError", over_ ? "startRendering: everything has been rendered" : "startRendering: the context is closed");
  }
  if (length_ && asked_ >= *length_) return DomException("InvalidStateError", "startRendering: the calls before render everything up to the end");
  if (chunkSize && *chunkSize == 0) return DomException("NotSupportedError", "chunkSize of startRendering must be at least 1");
  return {};
}

void OfflineAudioContext::startRendering(std::optional<std::uint32_t> chunkSize, RenderingCompletion done) {
  if (const auto error = whyNotRender(chunkSize)) {
    if (done) done(nullptr, error);
    return;
  }
  const std::uint64_t quantum = link()->info().quantum;
  const std::uint64_t left = length_ ? *length_ - asked_ : std::numeric_limits<std::uint64_t>::max();
  std::uint64_t frames = length_ ? left : quantum;
  if (chunkSize) frames = std::min(left, (*chunkSize + quantum - 1) / quantum * quantum);
  std::vector<transport::Samples> place;
  for (std::uint32_t c = 0; c < channels_; ++c) {
    place.push_back(memory_(frames));
    if (place.back()) continue;
    if (done) done(nullptr, RangeError("startRendering: there is no memory for " + std::to_string(frames) + " frames"));
    return;
  }
  session_->renderInto(std::move(place));
  asked_ += frames;
  renderings_.push_back({frames, std::move(done)});
  link()->send(0, render::StartRendering{frames, channels_});
  if (std::exchange(started_, true)) return;
  setState(AudioContextState::running);
}

void OfflineAudioContext::close(Completion done) {
  if (isOver()) {
    if (done) done(DomException("InvalidStateError", "close: the context is closed"));
    return;
  }
  closing_ = true;
  link()->stopSending();
  link()->queueTask([this, done = std::move(done)] {
    shut();
    failRenderings(DomException("AbortError", "startRendering: the context was closed before the end"));
    failPending(DomException("InvalidStateError", "the context is closed"));
    if (done) done({});
    setState(AudioContextState::closed);
  });
}

void OfflineAudioContext::suspend(double suspendTime, Completion done) {
  auto refuse = [&](const std::string& why) {
    if (done) done(DomException("InvalidStateError", "suspendTime of suspend, " + textOf(suspendTime) + " s, " + why));
  };
  if (isOver()) return refuse("comes when the context is closed");
  if (!(suspendTime >= 0)) return refuse("is negative");
  const double quantum = link()->info().quantum;
  const double frame = std::ceil(render::framesOf(suspendTime, sampleRate()) / quantum) * quantum;
  if (length_ && frame >= static_cast<double>(*length_)) return refuse("is not before the end");
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
  if (!started_ || isOver()) {
    if (done) done(DomException("InvalidStateError", isOver() ? "resume: the context is closed" : "resume: startRendering was not called"));
    return;
  }
  resumes_[++generation_] = std::move(done);
  link()->send(0, render::SetRunning{1, generation_});
}

bool OfflineAudioContext::isBusy() const {
  // A suspend() waits for a rendering; without one, nothing will come of it.
  const bool awaited = !link()->isShut() && audioWorklet().isListenedTo() && !session_->isIdle();
  return awaited || (!renderings_.empty() && !link()->isShut()) || !resumes_.empty() || BaseAudioContext::isBusy();
}

void OfflineAudioContext::receive(const render::StateChanged& changed) {
  if (isOver()) return;
  Completion done;
  if (auto suspend = suspends_.extract(changed.generation)) done = std::move(suspend.mapped().done);
  if (auto resume = resumes_.extract(changed.generation)) done = std::move(resume.mapped());
  if (done) done({});
  setState(static_cast<AudioContextState>(changed.running));
}

void OfflineAudioContext::receive(const render::RenderingComplete&) {
  if (renderings_.empty()) return;
  const Rendering over = std::move(renderings_.front());
  renderings_.pop_front();
  const auto buffer = AudioBuffer::of(session_->takeResult(), over.frames, sampleRate());
  if (!length_ || asked_ < *length_ || !renderings_.empty()) {
    if (over.done) over.done(buffer, {});
    return;
  }
  over_ = true;
  // A program may still ask its processors what they have found.
  if (audioWorklet().isUsed()) link()->settle();
  else shut();
  if (over.done) over.done(buffer, {});
  failPending(DomException("InvalidStateError", "the rendering has ended"));
  setState(AudioContextState::closed);
  link()->queueTask([this, buffer] {
    if (oncomplete) oncomplete(buffer);
  });
}

void OfflineAudioContext::failRenderings(const Error& error) {
  for (const Rendering& rendering : std::exchange(renderings_, {})) {
    if (rendering.done) rendering.done(nullptr, error);
  }
}

void OfflineAudioContext::failSuspends(const Error& error) {
  for (const auto& [generation, suspend] : std::exchange(suspends_, {})) {
    if (suspend.done) suspend.done(error);
  }
  for (const auto& [generation, done] : std::exchange(resumes_, {})) {
    if (done) done(error);
  }
}

void OfflineAudioContext::failPending(const Error& error) {
  failSuspends(error);
  failRenderings(error);
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
