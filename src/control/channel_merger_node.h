#pragma once

#include "control/audio_node.h"

namespace backline {

struct ChannelMergerOptions : AudioNodeOptions {
  std::uint32_t numberOfInputs = 6;   ///< 1 … 32
};

/// Web Audio §1.16: mono inputs to the channels of one output. [control]
class ChannelMergerNode final : public AudioNode {
 public:
  /// Throws IndexSizeError for an impossible number of inputs.
  explicit ChannelMergerNode(BaseAudioContext& context, const ChannelMergerOptions& options = {});

 private:
  void checkChannelCount(std::uint32_t count) const override;
  void checkChannelCountMode(ChannelCountMode mode) const override;
};

}  // namespace backline
