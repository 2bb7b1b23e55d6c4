#pragma once

#include "control/audio_scheduled_source_node.h"

namespace backline {

struct ConstantSourceOptions {
  float offset = 1;
};

/// Web Audio §1.15. [control]
class ConstantSourceNode final : public AudioScheduledSourceNode {
 public:
  explicit ConstantSourceNode(BaseAudioContext& context, const ConstantSourceOptions& options = {});
  AudioParam& offset() { return paramAt(0); }
};

}  // namespace backline
