#include "control/channel_merger_node.h"

#include "control/checks.h"

namespace backline {

ChannelMergerNode::ChannelMergerNode(BaseAudioContext& context, const ChannelMergerOptions& options)
    : AudioNode(context, render::kChannelMerger, {requireIndexCount(options.numberOfInputs, "numberOfInputs of a ChannelMergerNode")},
                render::kChannelMerger.channelRules) {
  apply(options);
}

void ChannelMergerNode::checkChannelCount(std::uint32_t count) const {
  if (count != 1) throw DomException("InvalidStateError", "channelCount of a ChannelMergerNode is 1 and cannot be changed to " + std::to_string(count));
}

void ChannelMergerNode::checkChannelCountMode(ChannelCountMode mode) const {
  if (mode != ChannelCountMode::explicitCount)
    throw DomException("InvalidStateError", "channelCountMode of a ChannelMergerNode is \"explicit\" and cannot be changed");
}

}  // namespace backline
