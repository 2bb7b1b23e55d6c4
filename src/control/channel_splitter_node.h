#pragma once

#include "control/audio_node.h"

namespace backline {

struct ChannelSplitterOptions : AudioNodeOptions {
  std::uint32_t numberOfOutputs = 6;   ///< 1 … 32
};

/// Web Audio §1.17: the channels of one input to mono outputs. [control]
class ChannelSplitterNode final : public AudioNode {
 public:
  /// Throws IndexSizeError for an impossible number of outputs.
  explicit ChannelSplitterNode(BaseAudioContext& context, const ChannelSplitterOptions& options = {});

 private:
  void checkChannelCount(std::uint32_t count) const override;
  void checkChannelCountMode(ChannelCountMode mode) const override;
  void checkChannelInterpretation(ChannelInterpretation interpretation) const override;
};

}  // namespace backline
