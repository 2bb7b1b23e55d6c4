#pragma once

#include "control/audio_node.h"

namespace backline {

struct StereoPannerOptions : AudioNodeOptions {
  float pan = 0;   ///< −1 (left) … 1 (right)
};

/// Web Audio §1.27: equal power, to two channels. [control]
class StereoPannerNode final : public AudioNode {
 public:
  explicit StereoPannerNode(BaseAudioContext& context, const StereoPannerOptions& options = {});
  AudioParam& pan() { return paramAt(0); }

 private:
  void checkChannelCount(std::uint32_t count) const override;
  void checkChannelCountMode(ChannelCountMode mode) const override;
};

}  // namespace backline
