#include "dsp/timeline_cursor.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "dsp/frames.h"

namespace backline::dsp {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kSmallestNormal = std::numeric_limits<float>::min();

// Denormals become zero whatever the thread's floating-point mode, so that every process computes the same bits.
float toFloat(double value) {
  return std::abs(value) < kSmallestNormal ? 0.0f : static_cast<float>(value);
}

/// exp(rate · (frame − start)) from `start` on. In a row, frames share what costs; each has the bits that it has alone.
class Exponential {
 public:
  Exponential(double rate, double start)
      : rate_(std::clamp(rate, -kSteepest, kSteepest)), start_(start), whole_(std::ceil(start)), part_(whole_ - start) {}

  double at(double frame) {
    const double frames = frame - whole_;
    if (!(frames >= 0)) return std::exp(rate_ * std::max(0.0, frame - start_));
    const double group = groupOf(frames), step = std::floor(frames - group);
    enter(group + part_ + (frames - group - step));
    return atBegin_ * std::exp(rate_ * step);
  }

  /// take(i, value) for `count` whole frames, the first at or after the start.
  template <class Take>
  void row(double frame, std::size_t count, Take take) {
    const std::size_t steps = std::min(count + static_cast<std::size_t>(frame - whole_ - groupOf(frame - whole_)), kSteps);
    for (std::size_t step = 0; step < steps; ++step) ofStep_[step] = std::exp(rate_ * static_cast<double>(step));
    for (std::size_t i = 0; i < count;) {
      const double frames = frame + static_cast<double>(i) - whole_, group = groupOf(frames);
      auto step = static_cast<std::size_t>(frames - group);
      enter(group + part_);
      for (const std::size_t end = std::min(count, i + kSteps - step); i < end; ++i, ++step) take(i, atBegin_ * ofStep_[step]);
    }
  }

 private:
  static constexpr std::size_t kSteps = 16;
  static constexpr double kSteepest = 1e300;   // whose product with zero is one

  static double groupOf(double frames) { return std::floor(frames / kSteps) * kSteps; }
  void enter(double begin) {
    if (begin == begin_) return;
    begin_ = begin;
    atBegin_ = std::exp(rate_ * begin);
  }

  double rate_;                          // a frame
  double start_, whole_, part_;          // whole_: the first whole frame, `part_` after the start
  double begin_ = -1, atBegin_ = 0;      // where the present group of kSteps frames begins, from the start
  double ofStep_[kSteps];                // frames from there
};

/// How a piece grows, for shapes that do so exponentially.
template <class Piece>
Exponential growthOf(const Piece& piece) {
  if (piece.shape == Piece::Shape::target) return Exponential(-1 / piece.length, piece.start);
  return Exponential(std::log(piece.to / piece.from) / piece.length, piece.start);
}

/// What a linear ramp has added: a float, so that a ramp from somewhere and a constant beside a ramp from zero give the same bits.
float riseOf(double height, double passed, double length) { return static_cast<float>(height * (passed / length)); }

/// Of a setTarget of which `growth` is left.
double approach(double from, double to, double growth) {
  const double rest = (from - to) * growth;
  // Below a quarter of a float's last place the target itself is the exact result.
  return std::abs(rest) <= std::max(std::abs(to) * 0x1p-26, kSmallestNormal) ? to : to + rest;
}

}  // namespace

double TimelineCursor::frameOf(const TimelineEvent& event) const {
  const double frame = framesOf(event.time, sampleRate_);
  const bool isWithin = (event.previous && isRampAcross(frame, *event.previous, event)) || (event.next && isRampAcross(frame, event, *event.next));
  return isWithin ? event.time * double{sampleRate_} : frame;
}

bool TimelineCursor::isRampAcross(double frame, const TimelineEvent& from, const TimelineEvent& ramp) const {
  if (!ramp.isRamp() || framesOf(from.time, sampleRate_) != frame || framesOf(ramp.time, sampleRate_) != frame) return false;
  return from.time * double{sampleRate_} <= frame && frame < ramp.time * double{sampleRate_};
}

double TimelineCursor::endTime(const TimelineEvent& curve) {
  const double end = curve.time + curve.duration;
  return curve.next ? std::min(end, curve.next->time) : end;
}

double TimelineCursor::curveEnd() const { return framesOf(current_->time + current_->duration, sampleRate_); }

double TimelineCursor::endOfPiece() const {
  double end = next_ ? frameOf(*next_) : kNever;
  if (inCurve()) end = std::min(end, curveEnd());
  return end;
}

void TimelineCursor::advance(double frame) {
  for (;;) {
    if (inCurve() && curveEnd() <= frame && (!next_ || curveEnd() <= frameOf(*next_))) {
      held_ = {curveEnd(), current_->curve.back(), current_->time + current_->duration, Origin::event};
      current_ = nullptr;
      continue;
    }
    if (!next_ || frameOf(*next_) > frame) return;
    enter();
  }
}

void TimelineCursor::enter() {
  TimelineEvent& event = *next_;
  const double at = frameOf(event);
  if (isSuperseded(event)) {
    next_ = event.next;
    return;
  }
  if (event.isRamp()) {
    resolveRamp(at);
    before_ = {ramp_.frame, ramp_.value, held_.time, Origin::event};
    held_ = {at, event.value, event.time, Origin::event};
    current_ = nullptr;
  } else {
    before_ = current_ ? Held{at, valueAt(at, at), event.time, Origin::event} : held_;
    held_ = {at, event.kind == EventKind::setValue ? event.value : before_.value, event.time, Origin::event};
    current_ = event.kind == EventKind::setValue ? nullptr : &event;
    sounded_ = false;
  }
  next_ = event.next;
  ramp_ = {};
}

void TimelineCursor::resolveRamp(double now) {
  if (ramp_.event == next_) return;
  ramp_.event = next_;
  const bool fromNow = (current_ && sounded_) || (!current_ && held_.origin != Origin::event);
  ramp_.frame = fromNow ? std::max(now, held_.frame) : held_.frame;
  ramp_.value = current_ && sounded_ ? currentPiece().at(ramp_.frame) : held_.value;
}

TimelineCursor::Piece TimelineCursor::currentPiece() const {
  if (!current_) return {.from = held_.value};
  if (inCurve()) return {Piece::Shape::curve, held_.frame, curveEnd() - held_.frame, 0, 0, current_->curve};
  return {Piece::Shape::target, held_.frame, current_->timeConstant * double{sampleRate_}, held_.value, current_->value, {}};
}

TimelineCursor::Piece TimelineCursor::piece(double now) {
  if (!inRamp()) {
    sounded_ = true;
    return currentPiece();
  }
  resolveRamp(now);
  const bool linear = next_->kind == EventKind::linearRamp;
  return {linear ? Piece::Shape::linear : Piece::Shape::exponential, ramp_.frame, frameOf(*next_) - ramp_.frame,
          ramp_.value, next_->value, {}};
}

double TimelineCursor::Piece::at(double frame) const {
  const double passed = std::max(0.0, frame - start);
  switch (shape) {
    case Shape::hold:
      return from;
    case Shape::linear:
      return passed < length ? from + riseOf(to - from, passed, length) : to;
    case Shape::exponential:
      if (passed >= length) return to;
      return from * to <= 0 ? from : from * growthOf(*this).at(frame);
    case Shape::target:
      return length > 0 ? approach(from, to, growthOf(*this).at(frame)) : to;
    case Shape::curve: {
      const double last = static_cast<double>(curve.size() - 1);
      const double position = passed * last / length;
      if (!(position < last)) return curve.back();
      const auto index = static_cast<std::size_t>(position);
      const double left = curve[index], right = curve[index + 1];
      return left + (right - left) * (position - static_cast<double>(index));
    }
  }
  return from;
}

double TimelineCursor::valueAt(double frame, double now) { return piece(now).at(frame); }

bool TimelineCursor::fill(double frame, double now, std::span<float> out) {
  using Shape = Piece::Shape;
  const Piece sounding = piece(now);
  const double first = sounding.at(frame), start = sounding.start, length = sounding.length, from = sounding.from, to = sounding.to;
  const Shape shape = sounding.shape;
  out[0] = toFloat(first);
  if (shape == Shape::hold || (shape != Shape::curve && from == to) || (shape == Shape::target && first == to)) return true;
  // The same as at(), frame by frame; what is due in every frame is written out.
  const auto passed = [&](std::size_t i) { return frame + static_cast<double>(i) - start; };
  if (shape == Shape::linear && frame >= start) {
    for (std::size_t i = 1; i < out.size(); ++i) out[i] = toFloat(passed(i) < length ? from + riseOf(to - from, passed(i), length) : to);
  } else if (shape == Shape::target && frame >= start) {
    growthOf(sounding).row(frame, out.size(), [&](std::size_t i, double growth) { out[i] = toFloat(approach(from, to, growth)); });
  } else if (shape == Shape::exponential && frame >= start && from * to > 0) {
    growthOf(sounding).row(frame, out.size(), [&](std::size_t i, double growth) { out[i] = toFloat(passed(i) >= length ? to : from * growth); });
  } else {
    for (std::size_t i = 1; i < out.size(); ++i) out[i] = toFloat(sounding.at(frame + static_cast<double>(i)));
  }
  return false;
}

void TimelineCursor::settle(double frame) {
  if (!current_ || inCurve() || inRamp() || currentPiece().at(frame) != current_->value) return;
  held_.value = current_->value;
  held_.origin = Origin::target;
  current_ = nullptr;
}

void TimelineCursor::assign(double value) {
  before_.value = value;
  if (!current_) held_.value = value;
  ramp_ = {};
}

bool TimelineCursor::isSuperseded(const TimelineEvent& event) const {
  if (current_) return event.time < current_->time;
  // In frames: an event at the very end of a curve may be a rounding of seconds earlier.
  return held_.origin != Origin::none && frameOf(event) < held_.frame;
}

void TimelineCursor::forget(const TimelineEvent& event) {
  if (&event == ramp_.event) ramp_ = {};
  if (&event != current_) return;
  current_ = nullptr;
  held_ = before_;
  ramp_ = {};
}

void TimelineCursor::dropHeldSince(double time) {
  if (current_ || held_.origin == Origin::none || held_.time < time) return;
  held_ = before_;
  ramp_ = {};
}

}  // namespace backline::dsp
