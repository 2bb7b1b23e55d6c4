#include <algorithm>
#include <array>
#include <cmath>

#include "dsp/biquad.h"
#include "render/nodes/list.h"

namespace backline::render {

namespace {

enum Param { kFrequency, kDetune, kQ, kGain };
constexpr float kMostDetune = 153600;      // cents: 2^(detune / 1200) is then a float's most
constexpr float kMostGain = 1541.27368f;   // dB: 10^(gain / 40) is then a float's most

constexpr ParamDeclaration kParams[] = {
    {.name = "frequency", .initial = 350, .minimum = 0, .maximum = kNyquist},
    {.name = "detune", .initial = 0, .minimum = -kMostDetune, .maximum = kMostDetune},
    {.name = "Q", .initial = 1},
    {.name = "gain", .initial = 0, .maximum = kMostGain},
};
constexpr FieldDeclaration kFields[] = {
    {.name = "type", .kind = FieldKind::enumeration, .initial = 0, .minimum = 0, .maximum = static_cast<double>(dsp::BiquadType::allpass)},
};

class BiquadFilterRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    const Block& in = *args.inputs[0];
    Block& out = args.outputs[0];
    if (!in.active && std::all_of(states_.begin(), states_.end(), [](const auto& state) { return state.isQuiet(); })) return Activity::idle;
    // A tail goes on in the channels it began in.
    const std::uint32_t channels = in.active ? in.channels : std::min<std::uint32_t>(channels_, out.capacity);
    for (std::uint32_t c = channels; c < channels_; ++c) states_[c] = {};
    channels_ = channels;
    out.channels = static_cast<std::uint8_t>(channels);
    out.silent = false;
    const auto type = static_cast<dsp::BiquadType>(args.fields[0].number);
    const bool constant = std::all_of(args.params.begin(), args.params.end(), [](const ParamBlock& param) { return param.constant; });
    const std::uint32_t step = constant ? in.frames : 1;
    for (std::uint32_t i = 0; i < in.frames; i += step) {
      update(type, args, i);
      for (std::uint32_t c = 0; c < channels; ++c) {
        const float* source = (c < in.channels ? in.channel(c) : in.channel(0)) + i;   // a channel that the input has not is one of its silence
        dsp::biquad(coefficients_, states_[c], source, out.channel(c) + i, step);
      }
    }
    return Activity::active;
  }

 private:
  void update(dsp::BiquadType type, const ProcessArgs& args, std::uint32_t frame) noexcept {
    const std::array<float, 4> wanted{args.params[kFrequency].at(frame), args.params[kDetune].at(frame), args.params[kQ].at(frame),
                                      args.params[kGain].at(frame)};
    if (wanted == values_ && type == type_ && known_) return;
    values_ = wanted;
    type_ = type;
    known_ = true;
    const double detune = wanted[kDetune] == 0 ? 1 : std::exp2(wanted[kDetune] / 1200.0);
    const double hertz = static_cast<double>(wanted[kFrequency]) * detune;
    coefficients_ = dsp::biquadCoefficients(type, std::clamp(hertz / args.quantum.sampleRate, 0.0, 0.5), wanted[kQ], wanted[kGain]);
  }

  std::array<dsp::BiquadState, kMaxChannels> states_{};
  std::uint32_t channels_ = 1;
  dsp::BiquadCoefficients coefficients_;
  std::array<float, 4> values_{};
  dsp::BiquadType type_{};
  bool known_ = false;
};

}  // namespace

const NodeDeclaration kBiquadFilter = {
    .name = "BiquadFilterNode",
    .params = kParams,
    .fields = kFields,
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<BiquadFilterRenderer>(); },
};

}  // namespace backline::render
