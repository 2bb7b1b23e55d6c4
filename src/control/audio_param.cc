#include "control/audio_param.h"

#include <algorithm>

#include "control/checks.h"

namespace backline {

using dsp::EventKind;

AudioParamShape shapeOf(const render::ParamDeclaration& declared, float sampleRate) {
  const float nyquist = sampleRate / 2;
  AudioParamShape shape{declared.name, declared.initial, declared.minimum, declared.maximum, declared.rate,
                        declared.rateFixed};
  if (shape.minValue == -render::kNyquist) shape.minValue = -nyquist;
  if (shape.maxValue == render::kNyquist) shape.maxValue = nyquist;
  return shape;
}

AudioParam::AudioParam(std::shared_ptr<NodeHandle> node, std::uint32_t index, AudioParamShape shape)
    : node_(std::move(node)),
      index_(index),
      shape_(std::move(shape)),
      rate_(shape_.rate),
      automation_(shape_.defaultValue, shape_.minValue, shape_.maxValue, node_->link->info().sampleRate) {}

float AudioParam::value() {
  return std::clamp(automation_.valueAt(node_->link->timing().frame), shape_.minValue, shape_.maxValue);
}

void AudioParam::setValue(float value) {
  requireFinite(value, "AudioParam.value");
  const render::ParamEvent event{.kind = EventKind::setValue, .time = node_->link->currentTime(), .value = value};
  automation_.check(event, "AudioParam.value");
  automation_.setValue(value);
  node_->link->send(node_->id, render::SetParamValue{index_, value});
  schedule(event, "AudioParam.value");
}

void AudioParam::setAutomationRate(AutomationRate rate) {
  if (shape_.rateFixed && rate != shape_.rate) {
    throw DomException("InvalidStateError", "automationRate of " + shape_.name + " cannot be changed");
  }
  if (rate == rate_) return;
  rate_ = rate;
  node_->link->send(node_->id, render::ParamRate{index_, rate});
}

double AudioParam::notBeforeNow(double time) const { return std::max(time, node_->link->currentTime()); }

void AudioParam::schedule(render::ParamEvent event, const char* method) {
  automation_.forgetBefore(node_->link->currentTime());
  automation_.check(event, method);
  event.param = index_;
  automation_.add(event);
  node_->link->send(node_->id, std::move(event));
}

AudioParam& AudioParam::setValueAtTime(float value, double startTime) {
  requireFinite(value, "value of setValueAtTime");
  requireTime(startTime, "startTime of setValueAtTime");
  schedule({.kind = EventKind::setValue, .time = notBeforeNow(startTime), .value = value}, "setValueAtTime");
  return *this;
}

void AudioParam::scheduleRamp(EventKind kind, float value, double endTime, const char* method) {
  const double now = node_->link->currentTime();
  render::ParamEvent ramp{.kind = kind, .time = notBeforeNow(endTime), .value = value};
  automation_.check(ramp, method);
  if (!automation_.hasEventBefore(ramp.time)) {
    // A ramp that nothing precedes starts here and now (Web Audio §1.6.3).
    const float current = automation_.valueAt(node_->link->timing().frame);
    schedule({.kind = EventKind::setValue, .time = now, .value = current}, method);
  }
  schedule(std::move(ramp), method);
}

AudioParam& AudioParam::linearRampToValueAtTime(float value, double endTime) {
  requireFinite(value, "value of linearRampToValueAtTime");
  requireTime(endTime, "endTime of linearRampToValueAtTime");
  scheduleRamp(EventKind::linearRamp, value, endTime, "linearRampToValueAtTime");
  return *this;
}

AudioParam& AudioParam::exponentialRampToValueAtTime(float value, double endTime) {
  requireFinite(value, "value of exponentialRampToValueAtTime");
  if (value == 0) throw RangeError("value of exponentialRampToValueAtTime must not be 0");
  requireTime(endTime, "endTime of exponentialRampToValueAtTime");
  scheduleRamp(EventKind::exponentialRamp, value, endTime, "exponentialRampToValueAtTime");
  return *this;
}

AudioParam& AudioParam::setTargetAtTime(float target, double startTime, float timeConstant) {
  requireFinite(target, "target of setTargetAtTime");
  requireTime(startTime, "startTime of setTargetAtTime");
  requireTime(timeConstant, "timeConstant of setTargetAtTime");
  schedule({.kind = EventKind::setTarget,
            .time = notBeforeNow(startTime),
            .value = target,
            .timeConstant = timeConstant},
           "setTargetAtTime");
  return *this;
}

AudioParam& AudioParam::setValueCurveAtTime(std::vector<float> values, double startTime, double duration) {
  if (values.size() < 2) {
    throw DomException("InvalidStateError", "values of setValueCurveAtTime must be at least 2, not " +
                                                std::to_string(values.size()));
  }
  for (float value : values) requireFinite(value, "every one of the values of setValueCurveAtTime");
  requireTime(startTime, "startTime of setValueCurveAtTime");
  requireFinite(duration, "duration of setValueCurveAtTime");
  if (!(duration > 0)) throw RangeError("duration of setValueCurveAtTime must be above 0: " + textOf(duration));
  schedule({.kind = EventKind::setValueCurve,
            .time = notBeforeNow(startTime),
            .duration = duration,
            .curve = std::move(values)},
           "setValueCurveAtTime");
  return *this;
}

void AudioParam::sendCancel(double cancelTime, bool hold) {
  node_->link->send(node_->id, render::ParamCancel{index_, cancelTime, hold ? 1u : 0u});
}

AudioParam& AudioParam::cancelScheduledValues(double cancelTime) {
  requireTime(cancelTime, "cancelTime of cancelScheduledValues");
  cancelTime = notBeforeNow(cancelTime);
  automation_.cancel(cancelTime);
  sendCancel(cancelTime, false);
  return *this;
}

AudioParam& AudioParam::cancelAndHoldAtTime(double cancelTime) {
  requireTime(cancelTime, "cancelTime of cancelAndHoldAtTime");
  cancelTime = notBeforeNow(cancelTime);
  automation_.cancelAndHold(cancelTime);
  sendCancel(cancelTime, true);
  return *this;
}

}  // namespace backline
