#include "control/constant_source_node.h"

namespace backline {

ConstantSourceNode::ConstantSourceNode(BaseAudioContext& context, const ConstantSourceOptions& options)
    : AudioScheduledSourceNode(context, render::kConstantSource) {
  if (options.offset != offset().defaultValue()) offset().setValue(options.offset);
}

}  // namespace backline
