#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "render/nodes/list.h"
#include "render/records.h"

namespace backline::render {

namespace {

constexpr std::size_t kMostTerms = 20;
constexpr double kInaudible = 1e-30;

/// The arguments: how many feedforward terms there are, those, then the feedback terms.
struct Terms {
  std::span<const double> feedforward, feedback;
};

Terms termsOf(std::span<const double> arguments) {
  const double count = arguments.empty() ? 0 : arguments[0];
  const std::size_t rest = arguments.empty() ? 0 : arguments.size() - 1;
  if (!(count >= 1 && count <= kMostTerms && count == std::floor(count)) || rest <= count || rest - static_cast<std::size_t>(count) > kMostTerms)
    throw RecordError("an IIR filter without 1 … 20 terms each way");
  const std::span<const double> all = arguments.subspan(1);
  const Terms terms{all.first(static_cast<std::size_t>(count)), all.subspan(static_cast<std::size_t>(count))};
  if (!std::all_of(all.begin(), all.end(), [](double term) { return std::isfinite(term); }) || terms.feedback[0] == 0)
    throw RecordError("an IIR filter with impossible terms");
  return terms;
}

class IirFilterRenderer : public NodeRenderer {
 public:
  explicit IirFilterRenderer(const CreateArgs& args) {
    const Terms terms = termsOf(args.arguments);
    order_ = std::max(terms.feedforward.size(), terms.feedback.size()) - 1;
    for (std::size_t i = 0; i < terms.feedforward.size(); ++i) b_[i] = terms.feedforward[i] / terms.feedback[0];
    for (std::size_t i = 0; i < terms.feedback.size(); ++i) a_[i] = terms.feedback[i] / terms.feedback[0];
  }

  Activity process(const ProcessArgs& args) noexcept override {
    const Block& in = *args.inputs[0];
    Block& out = args.outputs[0];
    if (!in.active && isQuiet()) return Activity::idle;
    const std::uint32_t channels = in.active ? in.channels : std::min<std::uint32_t>(channels_, out.capacity);
    for (std::uint32_t c = channels; c < channels_; ++c) states_[c].fill(0);
    channels_ = channels;
    out.channels = static_cast<std::uint8_t>(channels);
    out.silent = false;
    for (std::uint32_t c = 0; c < channels; ++c) filter(states_[c], in.channel(c < in.channels ? c : 0), out.channel(c), in.frames);
    return Activity::active;
  }

 private:
  using State = std::array<double, kMostTerms>;

  /// Direct form II transposed.
  void filter(State& state, const float* in, float* out, std::uint32_t frames) const noexcept {
    for (std::uint32_t i = 0; i < frames; ++i) {
      const double x = in[i];
      const double y = b_[0] * x + state[0];
      for (std::size_t k = 1; k <= order_; ++k) state[k - 1] = b_[k] * x - a_[k] * y + (k < order_ ? state[k] : 0.0);
      out[i] = static_cast<float>(y);
    }
  }
  bool isQuiet() const noexcept {
    return std::all_of(states_.begin(), states_.end(), [](const State& state) {
      return std::all_of(state.begin(), state.end(), [](double value) { return std::abs(value) < kInaudible; });
    });
  }

  std::array<double, kMostTerms> b_{}, a_{};
  std::size_t order_ = 0;
  std::array<State, kMaxChannels> states_{};
  std::uint32_t channels_ = 1;
};

}  // namespace

const NodeDeclaration kIirFilter = {
    .name = "IIRFilterNode",
    .create = [](const CreateArgs& args) -> std::unique_ptr<NodeRenderer> { return std::make_unique<IirFilterRenderer>(args); },
    .shape =
        [](std::span<const double> arguments) {
          termsOf(arguments);
          return NodeShape{1, 1};
        },
};

}  // namespace backline::render
