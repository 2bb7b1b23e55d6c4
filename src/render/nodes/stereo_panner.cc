#include <array>
#include <cmath>
#include <numbers>

#include "dsp/kernels.h"
#include "render/nodes/list.h"

namespace backline::render {

namespace {

constexpr ParamDeclaration kParams[] = {{.name = "pan", .initial = 0, .minimum = -1, .maximum = 1}};

struct Gains {
  double left, right;
};

/// Web Audio §1.27.4: x is the pan within the quadrant that is turned through.
Gains gainsOf(float pan, bool mono) noexcept {
  const double x = mono ? (pan + 1) / 2.0 : pan <= 0 ? pan + 1.0 : pan;
  return {std::cos(x * std::numbers::pi / 2), std::sin(x * std::numbers::pi / 2)};
}

class StereoPannerRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    const Block& in = *args.inputs[0];
    if (!in.active) return Activity::idle;
    Block& out = args.outputs[0];
    if (in.silent) {
      out.zero(2);
      return Activity::active;
    }
    out.channels = 2;
    out.silent = false;
    const ParamBlock& pan = args.params[0];
    const bool mono = in.channels == 1;
    const float* left = in.channel(0);
    const float* right = mono ? left : in.channel(1);
    if (pan.constant && mono) {
      const Gains gains = gainsOf(pan.values[0], true);
      dsp::scale(left, static_cast<float>(gains.left), out.channel(0), in.frames);
      dsp::scale(left, static_cast<float>(gains.right), out.channel(1), in.frames);
      return Activity::active;
    }
    Gains gains = gainsOf(pan.at(0), mono);
    for (std::uint32_t i = 0; i < in.frames; ++i) {
      const float at = pan.at(i);
      if (!pan.constant) gains = gainsOf(at, mono);
      if (mono) {
        out.channel(0)[i] = static_cast<float>(left[i] * gains.left);
        out.channel(1)[i] = static_cast<float>(left[i] * gains.right);
      } else if (at <= 0) {
        out.channel(0)[i] = static_cast<float>(left[i] + right[i] * gains.left);
        out.channel(1)[i] = static_cast<float>(right[i] * gains.right);
      } else {
        out.channel(0)[i] = static_cast<float>(left[i] * gains.left);
        out.channel(1)[i] = static_cast<float>(right[i] + left[i] * gains.right);
      }
    }
    return Activity::active;
  }
};

}  // namespace

const NodeDeclaration kStereoPanner = {
    .name = "StereoPannerNode",
    .channelRules = {.count = 2, .mode = ChannelCountMode::clampedMax},
    .params = kParams,
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<StereoPannerRenderer>(); },
    .outputChannels = [](const ChannelQuery&) { return 2u; },
};

}  // namespace backline::render
