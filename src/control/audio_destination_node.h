#pragma once

#include "control/audio_node.h"

namespace backline {

/// Web Audio §1.10. Made by its context. [control]
class AudioDestinationNode final : public AudioNode {
 public:
  enum class Kind { live, offline };
  AudioDestinationNode(BaseAudioContext& context, Kind kind, std::uint32_t channels, std::uint32_t maxChannels);

  /// Of what the context plays on.
  std::uint32_t maxChannelCount() const { return maxChannels_; }
  void setMaxChannelCount(std::uint32_t count) { maxChannels_ = count; }

 private:
  void checkChannelCount(std::uint32_t count) const override;
  void checkChannelCountMode(ChannelCountMode mode) const override;

  Kind kind_;
  std::uint32_t maxChannels_;
};

}  // namespace backline
