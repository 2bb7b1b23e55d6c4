#include <algorithm>

#include "render/nodes/list.h"
#include "render/records.h"

namespace backline::render {

namespace {

class ChannelSplitterRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    const Block& in = *args.inputs[0];
    if (!in.active) return Activity::idle;
    for (std::uint32_t c = 0; c < args.outputs.size(); ++c) {
      Block& out = args.outputs[c];
      out.zero(1);
      if (in.silent || c >= in.channels) continue;
      std::copy_n(in.channel(c), in.frames, out.data);
      out.silent = false;
    }
    return Activity::active;
  }
};

}  // namespace

const NodeDeclaration kChannelSplitter = {
    .name = "ChannelSplitterNode",
    .outputs = 6,
    .channelRules = {.count = 6, .mode = ChannelCountMode::explicitCount, .interpretation = ChannelInterpretation::discrete},
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<ChannelSplitterRenderer>(); },
    .shape = [](std::span<const double> arguments) { return NodeShape{1, countArgument(arguments, "a splitter's outputs")}; },
    .outputChannels = [](const ChannelQuery&) { return 1u; },
};

}  // namespace backline::render
