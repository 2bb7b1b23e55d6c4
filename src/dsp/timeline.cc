#include "dsp/timeline.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "dsp/frames.h"

namespace backline::dsp {

Timeline::Timeline(float initialValue, float minimum, float maximum, float sampleRate)
    : value_(initialValue), minimum_(minimum), maximum_(maximum), sampleRate_(sampleRate),
      cursor_(initialValue, sampleRate) {}

TimelineCursor& Timeline::cursor() {
  cursor_.setNext(cursor_.current() ? cursor_.current()->next : first_);
  return cursor_;
}

void Timeline::insertAfter(TimelineEvent* place, TimelineEvent* event) {
  event->previous = place;
  event->next = place ? place->next : first_;
  (place ? place->next : first_) = event;
  (event->next ? event->next->previous : last_) = event;
}

void Timeline::unlink(TimelineEvent* event) {
  (event->previous ? event->previous->next : first_) = event->next;
  (event->next ? event->next->previous : last_) = event->previous;
}

void Timeline::retire(TimelineEvent* event) {
  if (!event) return;
  event->previous = nullptr;
  event->next = retired_;
  retired_ = event;
}

void Timeline::retireFrom(TimelineEvent* event) {
  while (event) {
    TimelineEvent* next = event->next;
    cursor_.forget(*event);
    unlink(event);
    retire(event);
    event = next;
  }
}

void Timeline::retirePassed() {
  TimelineEvent* keep = cursor_.current() ? cursor_.current() : cursor_.next();
  while (first_ != keep) {
    TimelineEvent* passed = first_;
    unlink(passed);
    retire(passed);
  }
}

void Timeline::insert(TimelineEvent* event) {
  if (cursor_.current() && cursor_.isSuperseded(*event)) return retire(event);
  TimelineEvent* place = last_;
  while (place && place->time > event->time) place = place->previous;
  insertAfter(place, event);
}

void Timeline::cancel(double time) {
  cursor_.dropHeldSince(time);
  TimelineEvent* from = last_;
  while (from && from->time >= time) from = from->previous;
  if (from && from->kind == EventKind::setValueCurve && time <= TimelineCursor::endTime(*from)) from = from->previous;
  retireFrom(from ? from->next : first_);
}

double Timeline::peek(double frame) {
  TimelineCursor ahead = cursor();
  ahead.advance(frame);
  return ahead.valueAt(frame, now_);
}

// Puts `hold` where a setTarget or a curve under way at `time` is cut. False if there is nothing to hold.
bool Timeline::holdWithin(TimelineEvent* event, double time, TimelineEvent* hold) {
  if (!event || event->isRamp() || event->kind == EventKind::setValue) return false;
  if (event->kind == EventKind::setValueCurve && time > TimelineCursor::endTime(*event)) return false;
  hold->kind = EventKind::setValue;
  hold->value = static_cast<float>(peek(framesOf(time, sampleRate_)));
  hold->time = time;
  if (event->kind == EventKind::setValueCurve && event->time == time) {
    // What is left of the curve has no length: the value from before it stays.
    retireFrom(event);
    return false;
  }
  retireFrom(event->next);
  insertAfter(event, hold);
  return true;
}

void Timeline::cancelAndHold(double time, TimelineEvent* hold, TimelineEvent* spare) {
  TimelineEvent* before = last_;
  while (before && before->time > time) before = before->previous;
  TimelineEvent* after = before ? before->next : first_;
  const bool inCurve = before && before->kind == EventKind::setValueCurve && time <= TimelineCursor::endTime(*before);

  bool used = false;
  if (after && after->isRamp() && !inCurve) {
    const double value = peek(framesOf(time, sampleRate_));
    retireFrom(after->next);
    after->value = static_cast<float>(value);
    after->time = time;
  } else {
    used = holdWithin(before, time, hold);
    if (!used) {
      // `before` may be gone: find the place again.
      TimelineEvent* last = last_;
      while (last && last->time > time) last = last->previous;
      retireFrom(last ? last->next : first_);
    }
  }
  if (!used) retire(hold);
  retire(spare);
}

void Timeline::setValue(float value) {
  cursor().assign(value);
  value_ = value;
}

bool Timeline::process(std::uint64_t frame, std::span<float> out) {
  TimelineCursor& at = cursor();
  now_ = static_cast<double>(frame);
  const std::size_t count = out.size();
  if (count == 0) return true;
  if (first_ == nullptr && at.current() == nullptr) {   // nothing is to come
    at.fill(now_, now_, out.first(1));
    value_ = out[0];
    now_ += static_cast<double>(count);
    return true;
  }
  bool constant = true;
  for (std::size_t begin = 0; begin < count;) {
    const double first = now_ + static_cast<double>(begin);
    at.advance(first);
    const double left = std::ceil(at.endOfPiece() - first);
    const std::size_t end = left < static_cast<double>(count - begin) ? begin + static_cast<std::size_t>(left) : count;
    const auto piece = out.subspan(begin, end - begin);
    if (at.fill(first, now_, piece)) {
      constant = constant && piece[0] == out[0];
      if (begin > 0 || end < count) std::fill(piece.begin(), piece.end(), piece[0]);
    } else {
      constant = false;
    }
    begin = end;
  }
  value_ = constant ? out[0] : out[count - 1];
  now_ += static_cast<double>(count);
  at.settle(now_ - 1);
  retirePassed();
  return constant;
}

float Timeline::valueAt(std::uint64_t frame) {
  float value;
  process(frame, {&value, 1});
  return value;
}

double Timeline::steadyUntil() {
  const TimelineCursor& at = cursor();
  const TimelineEvent* next = at.next();
  if (at.current() || (next && next->isRamp())) return now_;
  return next ? std::max(now_, at.frameOf(*next)) : std::numeric_limits<double>::infinity();
}

TimelineEvent* Timeline::takeRetired() {
  TimelineEvent* retired = retired_;
  retired_ = nullptr;
  return retired;
}

}  // namespace backline::dsp
