#include <algorithm>
#include <utility>

#include "control/audio_context.h"
#include "control/audio_context_sink.h"

namespace backline {

std::string deviceOf(const AudioSink& sink) {
  if (std::holds_alternative<AudioSinkInfo>(sink)) return session::kNoOutput;
  const std::string& id = std::get<std::string>(sink);
  return id == "default" ? "" : id;
}

bool mayBeThere(const AudioSink& sink) {
  return std::holds_alternative<AudioSinkInfo>(sink) || std::get<std::string>(sink) != session::kNoOutput;
}

std::string whyNotThere(const AudioSink& sink) { return "device '" + std::get<std::string>(sink) + "' is not there"; }

// https://webaudio.github.io/web-audio-api/#dom-audiocontext-setsinkid
void AudioContext::setSinkId(AudioSink sinkId, Completion done) {
  if (refuseIfClosed("setSinkId", done)) return;
  if (sinkId == sinkId_) {
    if (done) done({});
    return;
  }
  sinkChanges_.push_back({std::move(sinkId), std::move(done)});
  if (sinkChanges_.size() == 1) changeSink();
}

/// Begins the first change that waits.
void AudioContext::changeSink() {
  if (sinkChanges_.empty()) return;
  const AudioSink& sink = sinkChanges_.front().sink;
  if (sink == sinkId_) {
    link()->queueTask([this] { completeSinkChange({}); });
  } else if (!mayBeThere(sink)) {
    link()->queueTask([this, why = whyNotThere(sink)] { completeSinkChange(DomException("NotFoundError", "sinkId of setSinkId: " + why)); });
  } else {
    link()->moveOutput(deviceOf(sink), [this](const session::OutputMoved& moved) { sinkChanged(moved); });
  }
}

void AudioContext::sinkChanged(const session::OutputMoved& moved) {
  using Outcome = session::OutputMoved::Outcome;
  if (moved.outcome == Outcome::moved) destination().setMaxChannelCount(moved.info.maxChannels);
  if (sinkChanges_.empty()) return;   // the context is closing
  if (moved.outcome != Outcome::moved) {
    completeSinkChange(DomException(moved.outcome == Outcome::unknown ? "NotFoundError" : "InvalidAccessError", "sinkId of setSinkId: " + moved.error));
    return;
  }
  // Suspended, then what follows it, each in a task of its own.
  const bool wasRunning = state() == AudioContextState::running;
  link()->queueNext([this, wasRunning] {
    if (sinkChanges_.empty()) return;
    sinkId_ = sinkChanges_.front().sink;
    completeSinkChange({});
    if (onsinkchange) onsinkchange();
    if (wasRunning && state() == AudioContextState::suspended) setState(AudioContextState::running);
  });
  if (wasRunning) setState(AudioContextState::suspended);
}

void AudioContext::outputChanged(const session::OutputChanged& changed) {
  destination().setMaxChannelCount(changed.info.maxChannels);
  if (!changed.lost.empty()) {
    link()->queueTask([this, message = changed.lost + "; playing on '" + changed.info.deviceId + "'"] {
      if (onerror) onerror(message);
    });
  }
  link()->queueTask([this] {
    if (onsinkchange) onsinkchange();
  });
}

void AudioContext::completeSinkChange(std::optional<Error> error) {
  if (sinkChanges_.empty()) return;
  const Completion done = std::move(sinkChanges_.front().done);
  sinkChanges_.pop_front();
  changeSink();
  if (done) done(std::move(error));
}

void AudioContext::failSinkChanges(const Error& error) {
  for (const SinkChange& change : std::exchange(sinkChanges_, {})) {
    if (change.done) change.done(error);
  }
}

}  // namespace backline
