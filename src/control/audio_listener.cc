#include "control/audio_listener.h"

#include "control/checks.h"
#include "render/nodes/list.h"

namespace backline {

AudioListener::AudioListener(std::shared_ptr<SessionLink> link) : handle_(std::make_shared<NodeHandle>(link, link->newNodeId())) {
  const render::NodeDeclaration& declaration = render::kAudioListener;
  link->send(handle_->id, render::CreateNode{render::numberOf(declaration), declaration.channelRules, {}});
  for (const auto& declared : declaration.params) {
    params_.push_back(std::make_shared<AudioParam>(handle_, static_cast<std::uint32_t>(params_.size()), shapeOf(declared, link->info().sampleRate)));
  }
}

std::shared_ptr<AudioParam> AudioListener::param(std::string_view name) const {
  for (const auto& param : params_) {
    if (param->name() == name) return param;
  }
  return nullptr;
}

void AudioListener::setPosition(float x, float y, float z) {
  requireAllFinite({x, y, z}, "every argument of setPosition");
  positionX().setValue(x);
  positionY().setValue(y);
  positionZ().setValue(z);
}

void AudioListener::setOrientation(float x, float y, float z, float xUp, float yUp, float zUp) {
  requireAllFinite({x, y, z, xUp, yUp, zUp}, "every argument of setOrientation");
  forwardX().setValue(x);
  forwardY().setValue(y);
  forwardZ().setValue(z);
  upX().setValue(xUp);
  upY().setValue(yUp);
  upZ().setValue(zUp);
}

}  // namespace backline
