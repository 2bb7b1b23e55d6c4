#include <algorithm>

#include "render/nodes/list.h"
#include "render/nodes/spatial_params.h"

namespace backline::render {

namespace {

constexpr ParamDeclaration kParams[kListenerParams] = {
    {.name = "positionX"}, {.name = "positionY"}, {.name = "positionZ"},
    {.name = "forwardX"}, {.name = "forwardY"}, {.name = "forwardZ", .initial = -1},
    {.name = "upX"}, {.name = "upY", .initial = 1}, {.name = "upZ"},
};

/// Puts its parameters' values into the channels of its output, which panners hear.
class AudioListenerRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    Block& out = args.outputs[0];
    out.channels = std::min<std::uint8_t>(out.capacity, kListenerParams);
    out.silent = false;
    out.constant = std::all_of(args.params.begin(), args.params.end(), [](const ParamBlock& param) { return param.constant; });
    for (std::uint32_t c = 0; c < out.channels; ++c) {
      const ParamBlock& param = args.params[c];
      if (param.constant) {
        std::fill_n(out.channel(c), out.frames, param.values[0]);
      } else {
        std::copy_n(param.values, out.frames, out.channel(c));
      }
    }
    return Activity::active;
  }
};

}  // namespace

const NodeDeclaration kAudioListener = {
    .name = "AudioListener",
    .inputs = 0,
    .isListener = true,
    .params = kParams,
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<AudioListenerRenderer>(); },
    .outputChannels = [](const ChannelQuery&) -> std::uint32_t { return kListenerParams; },
};

}  // namespace backline::render
