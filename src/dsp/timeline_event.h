#pragma once

#include <cstdint>
#include <span>

namespace backline::dsp {

enum class EventKind : std::uint32_t { setValue, linearRamp, exponentialRamp, setTarget, setValueCurve };

struct TimelineEvent {
  EventKind kind = EventKind::setValue;
  double time = 0;           ///< seconds ≥ 0; for ramps, the end
  float value = 0;           ///< target value; unused by curves
  double timeConstant = 0;   ///< seconds, setTarget only
  double duration = 0;       ///< seconds, curves only
  std::span<const float> curve;  ///< at least two values, owned by the event's owner
  TimelineEvent* next = nullptr;
  TimelineEvent* previous = nullptr;

  bool isRamp() const { return kind == EventKind::linearRamp || kind == EventKind::exponentialRamp; }
};

}  // namespace backline::dsp
