#include "control/stereo_panner_node.h"

#include "control/checks.h"

namespace backline {

StereoPannerNode::StereoPannerNode(BaseAudioContext& context, const StereoPannerOptions& options) : AudioNode(context, render::kStereoPanner) {
  apply(options);
  if (options.pan != pan().defaultValue()) pan().setValue(options.pan);
}

void StereoPannerNode::checkChannelCount(std::uint32_t count) const { requireMonoOrStereo(count, "channelCount of a StereoPannerNode"); }

void StereoPannerNode::checkChannelCountMode(ChannelCountMode mode) const { requireBoundedMode(mode, "channelCountMode of a StereoPannerNode"); }

}  // namespace backline
