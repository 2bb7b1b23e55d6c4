#include <algorithm>

#include "render/nodes/list.h"

namespace backline::render {

namespace {

// Its one output is no output of the interface: the executor takes the session's sound from there.
class DestinationRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    const Block& in = *args.inputs[0];
    Block& out = args.outputs[0];
    if (in.silent) {
      out.zero(in.channels);
      return Activity::active;
    }
    std::copy_n(in.data, std::size_t{in.channels} * in.frames, out.data);
    out.channels = in.channels;
    out.silent = false;
    return Activity::active;
  }
};

}  // namespace

const NodeDeclaration kDestination = {
    .name = "AudioDestinationNode",
    .channelRules = {.count = 2, .mode = ChannelCountMode::explicitCount},
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<DestinationRenderer>(); },
};

}  // namespace backline::render
