#pragma once

#include "control/audio_node.h"

namespace backline {

struct GainOptions : AudioNodeOptions {
  float gain = 1;
};

/// Web Audio §1.20. [control]
class GainNode final : public AudioNode {
 public:
  explicit GainNode(BaseAudioContext& context, const GainOptions& options = {});
  AudioParam& gain() { return paramAt(0); }
};

}  // namespace backline
