#include "control/panner_node.h"

#include "control/base_audio_context.h"
#include "control/checks.h"
#include "render/nodes/hrtf_measurements.h"

namespace backline {

PannerNode::PannerNode(BaseAudioContext& context, const PannerOptions& options) : AudioNode(context, render::kPanner) {
  apply(options);
  link()->send(context.listener()->handle()->id, render::Connect{{0, id(), numberOfInputs()}});
  setPanningModel(options.panningModel);
  setDistanceModel(options.distanceModel);
  setRefDistance(options.refDistance);
  setMaxDistance(options.maxDistance);
  setRolloffFactor(options.rolloffFactor);
  setConeInnerAngle(options.coneInnerAngle);
  setConeOuterAngle(options.coneOuterAngle);
  setConeOuterGain(options.coneOuterGain);
  const float values[] = {options.positionX, options.positionY, options.positionZ, options.orientationX, options.orientationY, options.orientationZ};
  for (std::uint32_t i = 0; i < std::size(values); ++i)
    if (values[i] != paramAt(i).defaultValue()) paramAt(i).setValue(values[i]);
}

PanningModelType PannerNode::panningModel() const { return static_cast<PanningModelType>(field(fieldNamed("panningModel"))); }
void PannerNode::setPanningModel(PanningModelType model) {
  if (model == PanningModelType::hrtf && !render::hrtfFileExists()) {
    throw DomException("NotSupportedError", "panningModel \"HRTF\" needs " + render::hrtfFile() + ", which the package libmysofa1 brings");
  }
  storeField(fieldNamed("panningModel"), static_cast<double>(model));
}
DistanceModelType PannerNode::distanceModel() const { return static_cast<DistanceModelType>(field(fieldNamed("distanceModel"))); }
void PannerNode::setDistanceModel(DistanceModelType model) { storeField(fieldNamed("distanceModel"), static_cast<double>(model)); }

double PannerNode::refDistance() const { return field(fieldNamed("refDistance")); }
void PannerNode::setRefDistance(double distance) { setField(fieldNamed("refDistance"), distance); }
double PannerNode::maxDistance() const { return field(fieldNamed("maxDistance")); }
void PannerNode::setMaxDistance(double distance) {
  requireFinite(distance, "maxDistance of a PannerNode");
  if (distance <= 0) throw RangeError("maxDistance of a PannerNode must be above 0, not " + textOf(distance));
  setField(fieldNamed("maxDistance"), distance);
}
double PannerNode::rolloffFactor() const { return field(fieldNamed("rolloffFactor")); }
void PannerNode::setRolloffFactor(double factor) { setField(fieldNamed("rolloffFactor"), factor); }
double PannerNode::coneInnerAngle() const { return field(fieldNamed("coneInnerAngle")); }
void PannerNode::setConeInnerAngle(double degrees) { setField(fieldNamed("coneInnerAngle"), degrees); }
double PannerNode::coneOuterAngle() const { return field(fieldNamed("coneOuterAngle")); }
void PannerNode::setConeOuterAngle(double degrees) { setField(fieldNamed("coneOuterAngle"), degrees); }
double PannerNode::coneOuterGain() const { return field(fieldNamed("coneOuterGain")); }
void PannerNode::setConeOuterGain(double gain) {
  requireFinite(gain, "coneOuterGain of a PannerNode");
  if (gain < 0 || gain > 1) throw DomException("InvalidStateError", "coneOuterGain of a PannerNode must be between 0 and 1, not " + textOf(gain));
  setField(fieldNamed("coneOuterGain"), gain);
}

void PannerNode::setPosition(float x, float y, float z) {
  requireAllFinite({x, y, z}, "every argument of setPosition");
  positionX().setValue(x);
  positionY().setValue(y);
  positionZ().setValue(z);
}

void PannerNode::setOrientation(float x, float y, float z) {
  requireAllFinite({x, y, z}, "every argument of setOrientation");
  orientationX().setValue(x);
  orientationY().setValue(y);
  orientationZ().setValue(z);
}

void PannerNode::checkChannelCount(std::uint32_t count) const { requireMonoOrStereo(count, "channelCount of a PannerNode"); }

void PannerNode::checkChannelCountMode(ChannelCountMode mode) const { requireBoundedMode(mode, "channelCountMode of a PannerNode"); }

}  // namespace backline
