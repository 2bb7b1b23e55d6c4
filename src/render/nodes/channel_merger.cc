#include <algorithm>

#include "render/nodes/list.h"
#include "render/records.h"

namespace backline::render {

namespace {

class ChannelMergerRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    if (std::none_of(args.inputs.begin(), args.inputs.end(), [](const Block* input) { return input->active; })) return Activity::idle;
    Block& out = args.outputs[0];
    out.zero(static_cast<std::uint32_t>(args.inputs.size()));
    for (std::uint32_t c = 0; c < args.inputs.size(); ++c) {
      if (args.inputs[c]->silent) continue;
      std::copy_n(args.inputs[c]->data, out.frames, out.channel(c));
      out.silent = false;
    }
    return Activity::active;
  }
};

}  // namespace

const NodeDeclaration kChannelMerger = {
    .name = "ChannelMergerNode",
    .inputs = 6,
    .channelRules = {.count = 1, .mode = ChannelCountMode::explicitCount},
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<ChannelMergerRenderer>(); },
    .shape = [](std::span<const double> arguments) { return NodeShape{countArgument(arguments, "a merger's inputs"), 1}; },
    .outputChannels = [](const ChannelQuery& query) { return static_cast<std::uint32_t>(query.inputChannels.size()); },
};

}  // namespace backline::render
