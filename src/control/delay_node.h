#pragma once

#include "control/audio_node.h"

namespace backline {

struct DelayOptions : AudioNodeOptions {
  double maxDelayTime = 1;   ///< seconds, above 0 and below 180
  double delayTime = 0;      ///< seconds
};

/// Web Audio §1.18. In a cycle it delays by a render quantum at least. [control]
class DelayNode final : public AudioNode {
 public:
  /// Throws NotSupportedError for an impossible maxDelayTime.
  explicit DelayNode(BaseAudioContext& context, const DelayOptions& options = {});
  AudioParam& delayTime() { return paramAt(0); }
};

}  // namespace backline
