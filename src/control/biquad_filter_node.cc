#include "control/biquad_filter_node.h"

#include <algorithm>
#include <cmath>

#include "control/checks.h"

namespace backline {

BiquadFilterNode::BiquadFilterNode(BaseAudioContext& context, const BiquadFilterOptions& options) : AudioNode(context, render::kBiquadFilter) {
  apply(options);
  setType(options.type);
  const auto set = [](AudioParam& param, float value) {
    if (value != param.defaultValue()) param.setValue(value);
  };
  set(frequency(), options.frequency);
  set(detune(), options.detune);
  set(Q(), options.Q);
  set(gain(), options.gain);
}

BiquadFilterType BiquadFilterNode::type() const { return static_cast<BiquadFilterType>(field(0)); }
void BiquadFilterNode::setType(BiquadFilterType type) { storeField(0, static_cast<double>(type)); }

void BiquadFilterNode::getFrequencyResponse(std::span<const float> frequencyHz, std::span<float> magResponse, std::span<float> phaseResponse) {
  requireResponseArrays(frequencyHz, magResponse, phaseResponse);
  const double rate = link()->info().sampleRate;
  const double hertz = static_cast<double>(frequency().value()) * std::exp2(detune().value() / 1200.0);
  const dsp::BiquadCoefficients c = dsp::biquadCoefficients(type(), std::clamp(hertz / rate, 0.0, 0.5), Q().value(), gain().value());
  const double b[] = {c.b0, c.b1, c.b2}, a[] = {1, c.a1, c.a2};
  fillResponse(b, a, rate, frequencyHz, magResponse, phaseResponse);
}

}  // namespace backline
