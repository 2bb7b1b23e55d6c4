#include <algorithm>
#include <cmath>
#include <vector>

#include "dsp/delay_line.h"
#include "render/nodes/list.h"
#include "render/records.h"

namespace backline::render {

namespace {

constexpr double kLongestDelay = 180;          // seconds, exclusive (Web Audio §1.1, createDelay)
constexpr std::uint32_t kQuantaOfHistory = 2;  // in which the reads of a quantum lie, unless the delay moves by more than its half
constexpr float kAudible = 0x1p-126f;          // Web Audio §1.5.1.5: what keeps a delay in a cycle going

constexpr ParamDeclaration kParams[] = {{.name = "delayTime", .initial = 0, .minimum = 0}};   // the instance's maximum is its control object's and ours

double longestOf(std::span<const double> arguments) {
  if (arguments.size() != 1 || !(arguments[0] > 0 && arguments[0] < kLongestDelay)) throw RecordError("a delay of an impossible maxDelayTime");
  return arguments[0];
}

class DelayRenderer : public NodeRenderer {
 public:
  explicit DelayRenderer(const CreateArgs& args)
      : longest_(longestOf(args.arguments) * static_cast<double>(args.sampleRate)),
        line_(static_cast<std::uint64_t>(std::ceil(std::max(longest_, static_cast<double>(args.quantum)))) + args.quantum + 1, args.quantum),
        history_((std::size_t{args.quantum} * kQuantaOfHistory + 1) * kMaxChannels) {}

  Activity process(const ProcessArgs& args) noexcept override {
    const bool whole = !args.inputs.empty();
    Block& out = args.outputs[0];
    const auto now = static_cast<std::int64_t>(line_.written()) * args.quantum.frames;   // the quantum's first frame
    if (whole) {
      const Block& in = *args.inputs[0];
      if (!in.active && !line_.sounds()) return Activity::idle;
      // Of an input that is no longer there nothing is known but that it is silent.
      line_.write({in.data, in.active ? in.channels : std::uint32_t{0}, in.frames}, in.silent);
    }
    const double least = whole ? 0 : args.quantum.frames;
    const Reach reach = reachOf(args, least);
    const std::int64_t first = now - static_cast<std::int64_t>(std::ceil(reach.most));
    const std::int64_t last = now + args.quantum.frames - 1 - static_cast<std::int64_t>(std::floor(reach.least));
    const std::uint32_t channels = std::clamp<std::uint32_t>(line_.channels(first, last), 1, out.capacity);
    if (!line_.sounds(first, last)) {
      if (!whole) return Activity::idle;
      out.zero(channels);
      return Activity::active;
    }
    out.channels = static_cast<std::uint8_t>(channels);
    out.silent = false;
    if (args.params[0].constant) {
      readConstant(now, std::clamp(delayOf(args, 0), least, longestOr(least)), out);
    } else if (last + 2 - first <= kQuantaOfHistory * args.quantum.frames + 1) {
      readNear(args, now, least, {first, last + 1}, out);
    } else {
      for (std::uint32_t i = 0; i < out.frames; ++i) readOne(now + i, std::clamp(delayOf(args, i), least, longestOr(least)), out, i);
    }
    return whole || isAudible(out) ? Activity::active : Activity::idle;
  }

  void absorb(const Block& input) noexcept override { line_.write({input.data, input.active ? input.channels : std::uint32_t{0}, input.frames}, input.silent); }

  bool holdsSound() const noexcept override { return line_.sounds(); }

 private:
  struct Reach {
    double least, most;   // frames
  };
  struct Frames {
    std::int64_t first, last;
  };

  double longestOr(double least) const noexcept { return std::max(least, longest_); }
  static double delayOf(const ProcessArgs& args, std::uint32_t frame) noexcept { return framesIn(args.params[0].at(frame), args.quantum.sampleRate); }
  /// Frames of a time. A float is right to its last bit only: what is a whole number of frames within that is meant as one.
  static double framesIn(float seconds, float sampleRate) noexcept {
    const double frames = static_cast<double>(seconds) * static_cast<double>(sampleRate);
    const double whole = std::round(frames);
    return std::abs(frames - whole) <= frames * 0x1p-24 ? whole : frames;
  }
  Reach reachOf(const ProcessArgs& args, double least) const noexcept {
    const ParamBlock& time = args.params[0];
    const auto [low, high] = std::minmax_element(time.values, time.values + (time.constant ? 1 : args.quantum.frames));
    const float rate = args.quantum.sampleRate;
    return {std::clamp(framesIn(*low, rate), least, longestOr(least)), std::clamp(framesIn(*high, rate), least, longestOr(least))};
  }

  /// Linear between the two frames that a fraction lies between.
  void readConstant(std::int64_t now, double delay, Block& out) noexcept {
    const double whole = std::ceil(delay);
    const auto part = static_cast<float>(whole - delay);
    const std::int64_t from = now - static_cast<std::int64_t>(whole);
    if (part == 0) {
      line_.read(from, {out.data, out.channels, out.frames});
      return;
    }
    const dsp::Planes history{history_.data(), out.channels, out.frames + 1};
    line_.read(from, history);
    for (std::uint32_t c = 0; c < out.channels; ++c)
      for (std::uint32_t i = 0; i < out.frames; ++i)
        out.channel(c)[i] = history.channel(c)[i] + (history.channel(c)[i + 1] - history.channel(c)[i]) * part;
  }
  /// As readOne() for the whole quantum, from one piece of history: frames `first` to `last`, in which all reads lie.
  void readNear(const ProcessArgs& args, std::int64_t now, double least, Frames reads, Block& out) noexcept {
    const dsp::Planes history{history_.data(), out.channels, static_cast<std::uint32_t>(reads.last + 1 - reads.first)};
    line_.read(reads.first, history);
    const double longest = longestOr(least);
    for (std::uint32_t i = 0; i < out.frames; ++i) {
      const double delay = std::clamp(delayOf(args, i), least, longest), whole = std::ceil(delay);
      const auto part = static_cast<float>(whole - delay);
      const auto at = static_cast<std::size_t>(now + i - static_cast<std::int64_t>(whole) - reads.first);
      for (std::uint32_t c = 0; c < out.channels; ++c) {
        const float* samples = history.channel(c) + at;
        out.channel(c)[i] = part == 0 ? samples[0] : samples[0] + (samples[1] - samples[0]) * part;
      }
    }
  }
  /// The same, frame by frame.
  void readOne(std::int64_t frame, double delay, Block& out, std::uint32_t index) noexcept {
    const double whole = std::ceil(delay);
    const auto part = static_cast<float>(whole - delay);
    const std::int64_t from = frame - static_cast<std::int64_t>(whole);
    for (std::uint32_t c = 0; c < out.channels; ++c) {
      const float before = line_.at(from, c, out.channels);
      out.channel(c)[index] = part == 0 ? before : before + (line_.at(from + 1, c, out.channels) - before) * part;
    }
  }
  static bool isAudible(const Block& out) noexcept {
    return std::any_of(out.data, out.data + std::size_t{out.channels} * out.frames, [](float sample) { return !(std::fabs(sample) < kAudible); });
  }

  const double longest_;   // frames
  dsp::DelayLine line_;
  std::vector<float> history_;   // of every channel, what one quantum reads
};

}  // namespace

const NodeDeclaration kDelay = {
    .name = "DelayNode",
    .breaksCycles = true,
    .params = kParams,
    .create = [](const CreateArgs& args) -> std::unique_ptr<NodeRenderer> { return std::make_unique<DelayRenderer>(args); },
    .shape =
        [](std::span<const double> arguments) {
          longestOf(arguments);
          return NodeShape{1, 1};
        },
};

}  // namespace backline::render
