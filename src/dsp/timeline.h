#pragma once

#include <cstdint>
#include <span>

#include "dsp/timeline_cursor.h"
#include "dsp/timeline_event.h"

namespace backline::dsp {

// The automation timeline of one AudioParam (Web Audio §1.6). Pure: the render side plays it, the control
// side evaluates the same code for AudioParam.value. No allocation: events are nodes that the caller owns and lends.
// Times are seconds; inside, they become frames (dsp::framesOf), and curves are computed from frame differences, so that
// a graph shifted by whole frames gives the same samples.

/// Thread safety: one thread. May run on the render thread.
class Timeline {
 public:
  Timeline(float initialValue, float minimum, float maximum, float sampleRate);

  /// Inserts after every event with the same or an earlier time. The event stays lent until it is handed back. One that comes too
  /// late, earlier than an event that sounds already, has no effect.
  void insert(TimelineEvent* event);
  /// cancelScheduledValues: unlinks every event at or after `time` (a curve counts when it is under way). Unlinked events go to the retired list.
  void cancel(double time);
  /// cancelAndHoldAtTime. `hold` and `spare` are blank events lent in case they are needed; what is not needed goes to the retired list at once.
  void cancelAndHold(double time, TimelineEvent* hold, TimelineEvent* spare);
  /// Assigns the intrinsic value at once without an event (AudioParam.value's setter inserts a setValue event instead).
  void setValue(float value);

  /// Values for the frames [frame, frame + out.size()) , unclamped by the nominal range. Returns true when all are equal
  /// (then only out[0] is written). Events wholly past are moved to the retired list.
  bool process(std::uint64_t frame, std::span<float> out);
  /// The value at one frame. `frame` must not go back.
  float valueAt(std::uint64_t frame);

  /// The frame up to which the value last computed stays; infinite if no event changes it. While something moves: the frame after it.
  double steadyUntil();
  /// True when an event could still change the value at or after `frame`.
  bool hasEvents() const { return first_ != nullptr; }
  /// Hands back all retired events as a list linked by `next`.
  TimelineEvent* takeRetired();

  float minimum() const { return minimum_; }
  float maximum() const { return maximum_; }
  float value() const { return value_; }  ///< the last one computed

 private:
  void insertAfter(TimelineEvent* place, TimelineEvent* event);
  void unlink(TimelineEvent* event);
  void retire(TimelineEvent* event);
  void retireFrom(TimelineEvent* event);
  void retirePassed();
  /// The cursor with its place in the list brought up to date.
  TimelineCursor& cursor();
  /// The value that the events as they are now give at a frame to come.
  double peek(double frame);
  bool holdWithin(TimelineEvent* event, double time, TimelineEvent* hold);

  TimelineEvent* first_ = nullptr;
  TimelineEvent* last_ = nullptr;
  TimelineEvent* retired_ = nullptr;
  float value_;
  float minimum_, maximum_, sampleRate_;
  double now_ = 0;  ///< the frame after the last one computed
  TimelineCursor cursor_;
};

}  // namespace backline::dsp
