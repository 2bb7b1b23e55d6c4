#include "control/audio_buffer_source_node.h"

#include "control/checks.h"

namespace backline {

AudioBufferSourceNode::AudioBufferSourceNode(BaseAudioContext& context, const AudioBufferSourceOptions& options)
    : AudioScheduledSourceNode(context, render::kAudioBufferSource) {
  if (options.buffer) setBuffer(options.buffer);
  setLoop(options.loop);
  setLoopStart(options.loopStart);
  setLoopEnd(options.loopEnd);
  if (options.playbackRate != playbackRate().defaultValue()) playbackRate().setValue(options.playbackRate);
  if (options.detune != detune().defaultValue()) detune().setValue(options.detune);
}

void AudioBufferSourceNode::setBuffer(std::shared_ptr<AudioBuffer> buffer) {
  if (buffer && bufferSet_) {
    throw DomException("InvalidStateError", "buffer of an AudioBufferSourceNode may be set only once");
  }
  if (buffer) bufferSet_ = true;
  buffer_ = std::move(buffer);
  if (isStarted()) acquireBuffer();
}

void AudioBufferSourceNode::acquireBuffer() {
  const auto content = buffer_ ? buffer_->acquire(link()) : nullptr;
  storeField(fieldNamed("buffer"), content ? content->id : 0);
}

void AudioBufferSourceNode::start(double when) { start(when, 0); }

void AudioBufferSourceNode::start(double when, double offset, std::optional<double> duration) {
  requireNotStarted();
  requireTime(when, "when of start");
  requireTime(offset, "offset of start");
  if (duration) requireTime(*duration, "duration of start");
  render::Schedule schedule{.start = when, .offset = offset};
  if (duration) schedule.duration = *duration;
  begin(schedule);
  acquireBuffer();
}

}  // namespace backline
