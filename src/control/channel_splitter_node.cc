#include "control/channel_splitter_node.h"

#include "control/checks.h"

namespace backline {

ChannelSplitterNode::ChannelSplitterNode(BaseAudioContext& context, const ChannelSplitterOptions& options)
    : AudioNode(context, render::kChannelSplitter, {requireIndexCount(options.numberOfOutputs, "numberOfOutputs of a ChannelSplitterNode")},
                {options.numberOfOutputs, ChannelCountMode::explicitCount, ChannelInterpretation::discrete}) {
  apply(options);
}

void ChannelSplitterNode::checkChannelCount(std::uint32_t count) const {
  if (count == numberOfOutputs()) return;
  throw DomException("InvalidStateError", "channelCount of a ChannelSplitterNode is its number of outputs, " + std::to_string(numberOfOutputs()) +
                                              ", and cannot be changed to " + std::to_string(count));
}

void ChannelSplitterNode::checkChannelCountMode(ChannelCountMode mode) const {
  if (mode != ChannelCountMode::explicitCount)
    throw DomException("InvalidStateError", "channelCountMode of a ChannelSplitterNode is \"explicit\" and cannot be changed");
}

void ChannelSplitterNode::checkChannelInterpretation(ChannelInterpretation interpretation) const {
  if (interpretation != ChannelInterpretation::discrete)
    throw DomException("InvalidStateError", "channelInterpretation of a ChannelSplitterNode is \"discrete\" and cannot be changed");
}

}  // namespace backline
