#include "control/automation.h"

#include <algorithm>

#include "control/checks.h"

namespace backline {

using dsp::EventKind;

Automation::Automation(float initialValue, float minimum, float maximum, float sampleRate)
    : timeline_(initialValue, minimum, maximum, sampleRate) {}

Automation::~Automation() {
  timeline_.cancel(0);
  takeBack();
}

void Automation::takeBack() {
  for (dsp::TimelineEvent* event = timeline_.takeRetired(); event != nullptr;) {
    dsp::TimelineEvent* next = event->next;
    delete static_cast<Lent*>(event);
    event = next;
  }
}

std::vector<Automation::Place>::const_iterator Automation::placeAfter(double time) const {
  return std::upper_bound(places_.begin(), places_.end(), time, [](double t, const Place& place) { return t < place.time; });
}

void Automation::check(const render::ParamEvent& event, const char* method) const {
  // Nothing stands within a curve: only the last event before this one may be a curve that reaches over it.
  const auto next = placeAfter(event.time);
  if (next != places_.begin()) {
    const Place& before = *(next - 1);
    if (before.isCurve() && event.time < before.end()) {
      throw DomException("NotSupportedError", std::string(method) + " at " + textOf(event.time) +
                                                  " s falls into the value curve from " + textOf(before.time) +
                                                  " s to " + textOf(before.end()) + " s");
    }
  }
  if (event.kind == EventKind::setValueCurve && next != places_.end() && next->time < event.time + event.duration) {
    throw DomException("NotSupportedError", std::string(method) + " from " + textOf(event.time) + " s for " +
                                                textOf(event.duration) + " s covers the event at " +
                                                textOf(next->time) + " s");
  }
}

bool Automation::hasEventBefore(double time) const { return !places_.empty() && places_.front().time <= time; }

void Automation::add(const render::ParamEvent& event) {
  auto* entry = new Lent;
  entry->curveStorage = event.curve;
  entry->kind = event.kind;
  entry->time = event.time;
  entry->value = event.value;
  entry->timeConstant = event.timeConstant;
  entry->duration = event.duration;
  entry->curve = entry->curveStorage;
  timeline_.insert(entry);

  places_.insert(placeAfter(event.time), Place{event.kind, event.time, event.kind == EventKind::setValueCurve ? event.duration : 0});
}

void Automation::cancel(double time) {
  timeline_.cancel(time);
  takeBack();
  std::erase_if(places_, [time](const Place& place) {
    return place.time >= time || (place.isCurve() && time <= place.end());
  });
}

void Automation::cancelAndHold(double time) {
  timeline_.cancelAndHold(time, new Lent, new Lent);
  takeBack();

  // Web Audio §1.6.3, the algorithm of cancelAndHoldAtTime.
  auto next = std::find_if(places_.begin(), places_.end(), [time](const Place& place) { return place.time > time; });
  if (next != places_.end() && next->isRamp()) {
    next->time = time;
    ++next;
  } else if (next != places_.begin()) {
    Place& under = *(next - 1);
    if (under.kind == EventKind::setTarget) {
      next = places_.insert(next, Place{EventKind::setValue, time, 0}) + 1;
    } else if (under.isCurve() && time <= under.end()) {
      under.duration = time - under.time;
    }
  }
  places_.erase(next, places_.end());
}

float Automation::valueAt(std::uint64_t frame) {
  const float value = timeline_.valueAt(frame);
  takeBack();
  return value;
}

void Automation::forgetBefore(double seconds) {
  // The last event that is over stays: what follows starts from it.
  auto next = places_.begin();
  while (next != places_.end() && next->end() <= seconds) ++next;
  if (next - places_.begin() > 1) places_.erase(places_.begin(), next - 1);
}

}  // namespace backline
