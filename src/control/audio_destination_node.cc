#include "control/audio_destination_node.h"

#include "control/checks.h"

namespace backline {

namespace {
render::ChannelRules rulesOf(std::uint32_t channels) {
  return {channels, ChannelCountMode::explicitCount, ChannelInterpretation::speakers};
}
}  // namespace

AudioDestinationNode::AudioDestinationNode(BaseAudioContext& context, Kind kind, std::uint32_t channels,
                                           std::uint32_t maxChannels)
    : AudioNode(context, render::kDestination, 1, 1, rulesOf(channels)), kind_(kind), maxChannels_(maxChannels) {
  send(render::CreateNode{render::numberOf(render::kDestination), rules_, {}});
}

void AudioDestinationNode::checkChannelCount(std::uint32_t count) const {
  if (kind_ == Kind::offline) {
    if (count == channelCount()) return;
    throw DomException("InvalidStateError", "channelCount of an OfflineAudioContext's destination cannot be changed");
  }
  if (count == 0) requireChannels(count, "channelCount of the destination");
  if (count <= maxChannels_) return;
  throw DomException("IndexSizeError", "channelCount of the destination must be between 1 and " +
                                           std::to_string(maxChannels_) + ", not " + std::to_string(count));
}

void AudioDestinationNode::checkChannelCountMode(ChannelCountMode mode) const {
  if (kind_ == Kind::live || mode == channelCountMode()) return;
  throw DomException("InvalidStateError",
                     "channelCountMode of an OfflineAudioContext's destination cannot be changed");
}

}  // namespace backline
