#include "session/recorded_param.h"

#include <algorithm>

#include "dsp/frames.h"
#include "dsp/kernels.h"
#include "dsp/timeline_cursor.h"

namespace backline::session {

using namespace render;
using dsp::EventKind;

namespace {

constexpr std::ptrdiff_t kMostTargets = 8;   // in a row, before the oldest is replaced by its value

dsp::TimelineEvent played(const ParamEvent& event) {
  return {.kind = event.kind, .time = event.time, .value = event.value, .timeConstant = event.timeConstant, .duration = event.duration, .curve = event.curve};
}

/// The value at a frame, of events that are all known from the beginning.
double valueAt(std::span<const ParamEvent> events, double frame, float sampleRate) {
  std::deque<dsp::TimelineEvent> list;
  for (const ParamEvent& event : events) {
    dsp::TimelineEvent& last = list.emplace_back(played(event));
    if (list.size() == 1) continue;
    last.previous = &list[list.size() - 2];
    last.previous->next = &last;
  }
  dsp::TimelineCursor cursor(0, sampleRate);
  cursor.setNext(list.empty() ? nullptr : &list.front());
  cursor.advance(frame);
  return cursor.valueAt(frame, frame);
}

bool isRamp(const ParamEvent& event) { return event.kind == EventKind::linearRamp || event.kind == EventKind::exponentialRamp; }

ParamEvent setValueAt(std::uint32_t param, double time, double value) {
  return {.param = param, .kind = EventKind::setValue, .time = time, .value = static_cast<float>(value)};
}

using Events = std::vector<ParamEvent>;

/// Whether a curve at `place` is under way at a time: its end, or that of the event that cuts it short, has not passed.
bool isUnderWay(const Events& events, Events::const_iterator place, double time) {
  if (place->kind != EventKind::setValueCurve) return false;
  const double end = place->time + place->duration;
  return time <= (place + 1 == events.end() ? end : std::min(end, (place + 1)->time));
}

}  // namespace

void RecordedParam::insert(const ParamEvent& event, std::uint64_t frame, float sampleRate) {
  auto place = std::upper_bound(events.begin(), events.end(), event, [](const auto& a, const auto& b) { return a.time < b.time; });
  const double now = static_cast<double>(frame);
  const bool sounds = place != events.begin() && (place - 1)->kind == EventKind::setTarget && (place == events.end() || !isRamp(*place)) &&
                      dsp::framesOf((place - 1)->time, sampleRate) < now;
  // A ramp that comes while a setTarget sounds starts there; one that was known before it sounded, at its beginning.
  if (isRamp(event) && sounds) place = events.insert(place, setValueAt(event.param, now / sampleRate, valueAt(events, now, sampleRate))) + 1;
  events.insert(place, event);
}

// As dsp::Timeline does, for events none of which has been let go.
void RecordedParam::cancel(const ParamCancel& cancel, std::uint64_t frame, float sampleRate) {
  if (cancel.hold != 0) return hold(cancel.time, sampleRate);
  auto from = std::find_if(events.begin(), events.end(), [&](const ParamEvent& event) { return event.time >= cancel.time; });
  if (from != events.begin() && isUnderWay(events, from - 1, cancel.time)) --from;
  if (from == events.end()) return;
  // One that has sounded leaves the value from before it, even where a setTarget was under way then.
  const double at = dsp::framesOf(from->time, sampleRate);
  const bool sounded = at < static_cast<double>(frame);
  const std::uint32_t param = from->param;
  const double time = from->time;
  events.erase(from, events.end());
  if (sounded && !events.empty() && !isRamp(events.back()) && events.back().kind != EventKind::setValue)
    events.push_back(setValueAt(param, time, valueAt(events, at, sampleRate)));
}

void RecordedParam::hold(double time, float sampleRate) {
  const auto after = std::find_if(events.begin(), events.end(), [&](const ParamEvent& event) { return event.time > time; });
  const auto before = after == events.begin() ? events.end() : after - 1;
  const bool inCurve = before != events.end() && isUnderWay(events, before, time);
  const double value = valueAt(events, dsp::framesOf(time, sampleRate), sampleRate);
  if (after != events.end() && isRamp(*after) && !inCurve) {
    after->time = time;
    after->value = static_cast<float>(value);
    events.erase(after + 1, events.end());
    return;
  }
  const bool nothingLeft = inCurve && before->time == time;
  const bool cut = before != events.end() && (inCurve || before->kind == EventKind::setTarget);
  const std::uint32_t param = before == events.end() ? 0 : before->param;
  events.erase(nothingLeft ? before : after, events.end());
  if (cut && !nothingLeft) events.push_back(setValueAt(param, time, value));
}

void RecordedParam::forgetBefore(std::uint64_t frame, float sampleRate) {
  const double now = static_cast<double>(frame) / sampleRate;
  const auto next = std::find_if(events.begin(), events.end(), [&](const ParamEvent& event) { return event.time > now; });
  if (next == events.begin()) return;
  // What sounds starts from the event before, if it is a setTarget: from that one's value then.
  auto first = next - 1;
  while (first != events.begin() && first->kind == EventKind::setTarget && next - first <= kMostTargets) --first;
  if (first->kind == EventKind::setTarget && first != events.begin()) {
    const double value = valueAt(events, dsp::framesOf(first->time, sampleRate), sampleRate);
    events.insert(events.erase(events.begin(), first), setValueAt(first->param, first->time, value));
    return;
  }
  events.erase(events.begin(), first);
}

ParamReplay::ParamReplay(const RecordedParam* param, const ParamDeclaration& declaration, float sampleRate)
    : declaration_(declaration),
      kRate_((param && param->rate ? *param->rate : declaration.rate) == AutomationRate::kRate),
      timeline_(declaration.initial, boundOf(declaration.minimum, sampleRate), boundOf(declaration.maximum, sampleRate), sampleRate) {
  if (!param) return;
  if (param->value) timeline_.setValue(*param->value);
  for (const ParamEvent& event : param->events) timeline_.insert(&events_.emplace_back(played(event)));
}

bool ParamReplay::quantum(std::uint64_t frame, std::span<float> out) {
  const bool constant = timeline_.process(frame, kRate_ ? out.first(1) : out) || kRate_;
  dsp::clamp(out.data(), timeline_.minimum(), timeline_.maximum(), declaration_.initial, constant ? 1 : out.size());
  return constant;
}

}  // namespace backline::session
