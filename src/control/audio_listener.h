#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "control/audio_param.h"

namespace backline {

/// Web Audio §1.11: where the context is heard from. Position, and unit-free vectors of where the nose (forward) and the top of the head (up)
/// point. Made by its context. [control]
class AudioListener {
 public:
  explicit AudioListener(std::shared_ptr<SessionLink> link);

  AudioParam& positionX() { return *params_[0]; }
  AudioParam& positionY() { return *params_[1]; }
  AudioParam& positionZ() { return *params_[2]; }
  AudioParam& forwardX() { return *params_[3]; }
  AudioParam& forwardY() { return *params_[4]; }
  AudioParam& forwardZ() { return *params_[5]; }
  AudioParam& upX() { return *params_[6]; }
  AudioParam& upY() { return *params_[7]; }
  AudioParam& upZ() { return *params_[8]; }
  /// Null if there is none of that name.
  std::shared_ptr<AudioParam> param(std::string_view name) const;

  /// Deprecated: sets the values of the three parameters, the six of them. Throws TypeError for what is not finite, NotSupportedError while a
  /// value curve of one of them lasts.
  void setPosition(float x, float y, float z);
  void setOrientation(float x, float y, float z, float xUp, float yUp, float zUp);

  const std::shared_ptr<NodeHandle>& handle() const { return handle_; }

 private:
  std::shared_ptr<NodeHandle> handle_;
  std::vector<std::shared_ptr<AudioParam>> params_;
};

}  // namespace backline
