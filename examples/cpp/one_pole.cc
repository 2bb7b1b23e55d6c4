#include "cpp/one_pole.h"

#include <array>
#include <cmath>
#include <numbers>

namespace examples {

namespace {

using namespace backline::render;

class OnePole final : public Processor {
 public:
  explicit OnePole(float sampleRate) : radiansAHertz_(2 * std::numbers::pi_v<float> / sampleRate) {}

  ProcessorResult process(const ProcessorArgs& args) noexcept override {
    const Block& in = *args.inputs[0];
    Block& out = args.outputs[0];
    const ParamBlock& cutoff = args.params[0];
    for (std::uint32_t c = 0; c < out.channels; ++c) {
      const float* from = in.active ? in.channel(c < in.channels ? c : 0) : nullptr;
      for (std::uint32_t i = 0; i < out.frames; ++i) {
        const float step = 1 - std::exp(-cutoff.at(i) * radiansAHertz_);
        state_[c] += step * ((from ? from[i] : 0) - state_[c]);
        out.channel(c)[i] = state_[c];
      }
    }
    out.silent = false;
    return ProcessorResult::keepAlive;
  }

  void receive(std::span<const std::byte>) noexcept override {}

 private:
  float radiansAHertz_;
  std::array<float, kMaxChannels> state_{};
};

}  // namespace

void registerOnePole(backline::BaseAudioContext& context) {
  context.audioWorklet().registerNative(
      "one-pole", {{.name = "cutoff", .initial = 1000, .minimum = 1, .maximum = context.sampleRate() / 2}},
      [](const ProcessorOptions&, const WorkletConfig& config) { return std::make_unique<OnePole>(config.sampleRate); });
}

}  // namespace examples
