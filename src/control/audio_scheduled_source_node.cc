#include "control/audio_scheduled_source_node.h"

#include "control/checks.h"

namespace backline {

void AudioScheduledSourceNode::requireNotStarted() const {
  if (started_) throw DomException("InvalidStateError", "start of a source may be called only once");
}

void AudioScheduledSourceNode::begin(const render::Schedule& schedule) {
  started_ = true;
  schedule_ = schedule;
  send(render::SetSchedule{schedule_});
  link()->keep(shared_from_this());
}

void AudioScheduledSourceNode::start(double when) {
  requireNotStarted();
  requireTime(when, "when of start");
  begin({.start = when});
}

void AudioScheduledSourceNode::stop(double when) {
  if (!started_) throw DomException("InvalidStateError", "stop of a source may be called only after start");
  requireTime(when, "when of stop");
  schedule_.stop = when;
  send(render::SetSchedule{schedule_});
}

void AudioScheduledSourceNode::receive(const render::Notice& notice) {
  if (!std::holds_alternative<render::Ended>(notice)) return;
  if (onended) onended();
  link()->letGo(id());
}

}  // namespace backline
