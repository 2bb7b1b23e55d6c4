#include "dsp/kernels.h"
#include "render/nodes/list.h"

namespace backline::render {

namespace {

constexpr ParamDeclaration kParams[] = {{.name = "gain", .initial = 1}};

class GainRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    const Block& in = *args.inputs[0];
    const ParamBlock& gain = args.params[0];
    if (!in.active) return Activity::idle;
    Block& out = args.outputs[0];
    if (in.silent) {
      out.zero(in.channels);
      return Activity::active;
    }
    out.channels = in.channels;
    out.silent = false;
    for (std::uint32_t i = 0; i < in.channels; ++i) {
      if (gain.constant) {
        dsp::scale(in.channel(i), gain.values[0], out.channel(i), in.frames);
      } else {
        dsp::multiply(in.channel(i), gain.values, out.channel(i), in.frames);
      }
    }
    return Activity::active;
  }
};

}  // namespace

const NodeDeclaration kGain = {
    .name = "GainNode",
    .params = kParams,
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<GainRenderer>(); },
};

}  // namespace backline::render
