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

/// exp(rate · d) at d frames: in a row, neighbours share what costs, and each has the bits that it has alone.
class Exponential {
 public:
  explicit Exponential(double rate) : rate_(std::clamp(rate, -kSteepest, kSteepest)) {}

  double at(double frames) {
    const auto step = static_cast<unsigned>(frames - std::floor(frames / kSteps) * kSteps);
    const double begin = frames - step;
    if (begin != begin_) {
      begin_ = begin;
      atBegin_ = std::exp(rate_ * begin);
    }
    if (!(known_ & 1u << step)) {
      known_ |= 1u << step;
      ofStep_[step] = std::exp(rate_ * step);
    }
    return atBegin_ * ofStep_[step];
  }

 private:
  static constexpr unsigned kSteps = 16;
  static constexpr double kSteepest = 1e300;   // whose product with zero is one

  double rate_;                         // a frame
  double begin_ = -1, atBegin_ = 0;     // of the steps
  unsigned known_ = 0;                  // bit n: ofStep_[n] has been computed
  double ofStep_[kSteps];
};

/// How fast a piece grows, for shapes that do so exponentially.
template <class Piece>
Exponential growthOf(const Piece& piece) {
  if (piece.shape == Piece::Shape::target && piece.length > 0) return Exponential(-1 / piece.length);
  if (piece.shape == Piece::Shape::exponential && piece.from * piece.to > 0) return Exponential(std::log(piece.to / piece.from) / piece.length);
  return Exponential(0);
}

template <class Piece>
double valueOf(const Piece& piece, double frame, Exponential& growth) {
  using Shape = typename Piece::Shape;
  const auto& [shape, start, length, from, to, curve] = piece;
  const double passed = std::max(0.0, frame - start);
  switch (shape) {
    case Shape::hold:
      return from;
    case Shape::linear:
      return passed < length ? from + (to - from) * (passed / length) : to;
    case Shape::exponential:
      if (passed >= length) return to;
      return from * to <= 0 ? from : from * growth.at(passed);
    case Shape::target: {
      if (!(length > 0)) return to;
      const double rest = (from - to) * growth.at(passed);
      // Below a quarter of a float's last place the target itself is the exact result.
      return std::abs(rest) <= std::max(std::abs(to) * 0x1p-26, kSmallestNormal) ? to : to + rest;
    }
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
  Exponential growth = growthOf(*this);
  return valueOf(*this, frame, growth);
}

double TimelineCursor::valueAt(double frame, double now) { return piece(now).at(frame); }

bool TimelineCursor::fill(double frame, double now, std::span<float> out) {
  const Piece sounding = piece(now);
  Exponential growth = growthOf(sounding);
  const double first = valueOf(sounding, frame, growth);
  out[0] = toFloat(first);
  if (sounding.shape == Piece::Shape::hold) return true;
  const bool flat = sounding.shape != Piece::Shape::curve && sounding.from == sounding.to;
  if (flat || (sounding.shape == Piece::Shape::target && first == sounding.to)) return true;
  for (std::size_t i = 1; i < out.size(); ++i) out[i] = toFloat(valueOf(sounding, frame + static_cast<double>(i), growth));
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
