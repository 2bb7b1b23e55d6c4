#include "control/wave_shaper_node.h"

#include "control/base_audio_context.h"

namespace backline {

WaveShaperNode::WaveShaperNode(BaseAudioContext& context, const WaveShaperOptions& options)
    : AudioNode(context, render::kWaveShaper) {
  apply(options);
  setOversample(options.oversample);
  if (options.curve) setCurve(*options.curve);
}

void WaveShaperNode::setCurve(std::vector<float> curve) {
  if (curveSet_) throw DomException("InvalidStateError", "curve of a WaveShaperNode can be set once only");
  if (curve.size() < 2) {
    throw DomException("InvalidStateError", "curve of a WaveShaperNode must have at least 2 points, not " + std::to_string(curve.size()));
  }
  curveSet_ = true;
  curve_ = std::move(curve);
  resource_.emplace(link(), link()->newResourceId());
  link()->send(resource_->id, render::CreateCurve{curve_});
  storeField(fieldNamed("curve"), resource_->id);
}

void WaveShaperNode::clearCurve() {
  curve_.clear();
  storeField(fieldNamed("curve"), 0);
  resource_.reset();
}

OverSampleType WaveShaperNode::oversample() const { return static_cast<OverSampleType>(field(fieldNamed("oversample"))); }

void WaveShaperNode::setOversample(OverSampleType oversample) { storeField(fieldNamed("oversample"), static_cast<double>(oversample)); }

}  // namespace backline
