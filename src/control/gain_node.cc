#include "control/gain_node.h"

namespace backline {

GainNode::GainNode(BaseAudioContext& context, const GainOptions& options) : AudioNode(context, render::kGain) {
  apply(options);
  if (options.gain != gain().defaultValue()) gain().setValue(options.gain);
}

}  // namespace backline
