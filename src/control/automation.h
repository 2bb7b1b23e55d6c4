#pragma once

#include <vector>

#include "dsp/timeline.h"
#include "render/records.h"

namespace backline {

/// The event list of one AudioParam as the control side knows it: the rules about which events may stand beside each other, and a copy of
/// the timeline the render side plays, for AudioParam.value. Owns the events it lends to that copy. [control]
class Automation {
 public:
  Automation(float initialValue, float minimum, float maximum, float sampleRate);
  ~Automation();
  Automation(const Automation&) = delete;
  Automation& operator=(const Automation&) = delete;

  /// Throws NotSupportedError, naming `method`, if the event would fall into a value curve, or a curve over events.
  void check(const render::ParamEvent& event, const char* method) const;
  /// Whether an event stands at `time` or before it.
  bool hasEventBefore(double time) const;
  void add(const render::ParamEvent& event);
  /// Assigns the intrinsic value.
  void setValue(float value) { timeline_.setValue(value); }
  void cancel(double time);
  void cancelAndHold(double time);
  /// The intrinsic value at a frame, which must not go back.
  float valueAt(std::uint64_t frame);
  /// Forgets what cannot matter any more at `seconds`.
  void forgetBefore(double seconds);

 private:
  struct Lent : dsp::TimelineEvent {
    std::vector<float> curveStorage;
  };
  struct Place {
    dsp::EventKind kind;
    double time, duration;
    bool isCurve() const { return kind == dsp::EventKind::setValueCurve; }
    bool isRamp() const { return kind == dsp::EventKind::linearRamp || kind == dsp::EventKind::exponentialRamp; }
    double end() const { return time + duration; }
  };

  /// The first that stands later.
  std::vector<Place>::const_iterator placeAfter(double time) const;
  void takeBack();

  dsp::Timeline timeline_;   // of Lents
  std::vector<Place> places_;   // by time; equal times in the order of the calls
};

}  // namespace backline
