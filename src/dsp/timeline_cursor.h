#pragma once

#include <cstdint>
#include <span>

#include "dsp/timeline_event.h"

namespace backline::dsp {

/// Where a walk along a list of events has come to: which event sounds and what it started from. Copying a cursor lets one look
/// ahead. It never changes the list. Frames are doubles, whole numbers and differences of them exact. [any thread]
class TimelineCursor {
 public:
  TimelineCursor(float initialValue, float sampleRate) : sampleRate_(sampleRate) { held_.value = before_.value = initialValue; }

  /// The event that the walk has not entered yet; events before it, but for `current`, are over.
  void setNext(TimelineEvent* next) { next_ = next; }
  TimelineEvent* next() const { return next_; }
  /// The setTarget or curve that sounds, or null: the value is held, or a ramp to `next` sounds.
  TimelineEvent* current() const { return current_; }

  /// Enters every event at or before `frame`.
  void advance(double frame);
  /// The frame at which the present piece ends; infinite if it does not.
  double endOfPiece() const;
  /// The value at `frame` within the present piece. `now` is the first frame of the evaluation under way: a ramp that was
  /// scheduled while a setTarget sounded, or without any event before it, starts there.
  double valueAt(double frame, double now);
  /// Fills a stretch of the present piece. True if it is constant; then only out[0] is written.
  bool fill(double frame, double now, std::span<float> out);
  /// A setTarget that has come to its target at `frame`, the last one computed, is let go: its value is held. A later frame could lie
  /// behind the next event, which starts from what the setTarget had then.
  void settle(double frame);

  /// The value of AudioParam.value's setter: what is held from now on, or once `current` is cancelled.
  void assign(double value);
  /// An event that can no longer be entered, because a later one sounds already.
  bool isSuperseded(const TimelineEvent& event) const;
  /// For every event that is cancelled: if it sounds, the value from before it comes back.
  void forget(const TimelineEvent& event);
  /// Undoes the held value if the event it came from is cancelled after the fact.
  void dropHeldSince(double time);

  /// Where an event counts. Times that are all but a whole frame are that frame, except where a ramp so short has the frame within it.
  double frameOf(const TimelineEvent& event) const;
  /// The end of a curve in seconds: its own, or that of the event that cut it short.
  static double endTime(const TimelineEvent& curve);

 private:
  enum class Origin : std::uint8_t { none, event, target };
  struct Held {
    double frame = 0;
    double value = 0;
    double time = 0;  ///< seconds
    Origin origin = Origin::none;
  };
  struct Ramp {
    const TimelineEvent* event = nullptr;
    double frame = 0, value = 0;
  };

  /// What sounds between two changes, ready to be evaluated.
  struct Piece {
    enum class Shape : std::uint8_t { hold, linear, exponential, target, curve };
    Shape shape = Shape::hold;
    double start = 0;          ///< frame
    double length = 0;         ///< frames; for a target its time constant
    double from = 0, to = 0;
    std::span<const float> curve;
    double at(double frame) const;
  };

  /// Whether `frame` lies within the ramp that begins at `from`, though both count as that frame.
  bool isRampAcross(double frame, const TimelineEvent& from, const TimelineEvent& ramp) const;
  void enter();
  void resolveRamp(double now);
  bool inCurve() const { return current_ && current_->kind == EventKind::setValueCurve; }
  bool inRamp() const { return next_ && next_->isRamp() && !inCurve(); }
  double curveEnd() const;
  Piece piece(double now);
  Piece currentPiece() const;

  float sampleRate_;
  TimelineEvent* next_ = nullptr;
  TimelineEvent* current_ = nullptr;
  bool sounded_ = false;  ///< a value of the setTarget `current_` has been computed
  Held held_;             ///< for a setTarget under way: its start
  Held before_;           ///< what was held before the last event
  Ramp ramp_;             ///< the ramp towards next_, once its start is known
};

}  // namespace backline::dsp
