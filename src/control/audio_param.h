#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/automation.h"
#include "control/session_link.h"

namespace backline {

using render::AutomationRate;

/// What an AudioParam starts as.
struct AudioParamShape {
  std::string name;
  float defaultValue = 0, minValue = render::kMostNegative, maxValue = render::kMostPositive;
  AutomationRate rate = AutomationRate::aRate;
  bool rateFixed = false;
};

/// Of a declared parameter at this sample rate (Hz).
AudioParamShape shapeOf(const render::ParamDeclaration& declared, float sampleRate);

/// Web Audio §1.6. Times are seconds of the context's time; one in the past counts as now. Values and times that are not finite throw
/// TypeError, negative times RangeError, an event that falls into a value curve NotSupportedError. Lives on without its node. [control]
class AudioParam {
 public:
  AudioParam(std::shared_ptr<NodeHandle> node, std::uint32_t index, AudioParamShape shape);

  const std::string& name() const { return shape_.name; }
  float defaultValue() const { return shape_.defaultValue; }
  float minValue() const { return shape_.minValue; }
  float maxValue() const { return shape_.maxValue; }

  /// At the beginning of the next quantum, clamped to the nominal range, without inputs.
  float value();
  /// As setValueAtTime(value, now).
  void setValue(float value);

  AutomationRate automationRate() const { return rate_; }
  /// Throws InvalidStateError where the rate is fixed.
  void setAutomationRate(AutomationRate rate);

  AudioParam& setValueAtTime(float value, double startTime);
  AudioParam& linearRampToValueAtTime(float value, double endTime);
  /// Throws RangeError for 0.
  AudioParam& exponentialRampToValueAtTime(float value, double endTime);
  /// timeConstant in seconds; throws RangeError if it is negative.
  AudioParam& setTargetAtTime(float target, double startTime, float timeConstant);
  /// Throws InvalidStateError for fewer than two values, RangeError unless duration > 0.
  AudioParam& setValueCurveAtTime(std::vector<float> values, double startTime, double duration);
  AudioParam& cancelScheduledValues(double cancelTime);
  AudioParam& cancelAndHoldAtTime(double cancelTime);

  /// For node types whose instances decide it; before anybody else has the param.
  void setMaxValue(float value) { shape_.maxValue = value; }
  const std::shared_ptr<NodeHandle>& node() const { return node_; }
  std::uint32_t index() const { return index_; }

 private:
  double notBeforeNow(double time) const;
  void schedule(render::ParamEvent event, const char* method);
  void scheduleRamp(dsp::EventKind kind, float value, double endTime, const char* method);
  void sendCancel(double cancelTime, bool hold);

  std::shared_ptr<NodeHandle> node_;
  std::uint32_t index_;
  AudioParamShape shape_;
  AutomationRate rate_;
  Automation automation_;
};

}  // namespace backline
