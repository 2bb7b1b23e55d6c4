#include <algorithm>
#include <cmath>
#include <vector>

#include "dsp/compressor.h"
#include "dsp/kernels.h"
#include "render/nodes/list.h"
#include "render/streams.h"

namespace backline::render {

namespace {

constexpr double kLookAhead = 0.006;   // seconds

enum Param { kThreshold, kKnee, kRatio, kAttack, kRelease };
constexpr ParamDeclaration kParams[] = {
    {.name = "threshold", .initial = -24, .minimum = -100, .maximum = 0, .rate = AutomationRate::kRate, .rateFixed = true},
    {.name = "knee", .initial = 30, .minimum = 0, .maximum = 40, .rate = AutomationRate::kRate, .rateFixed = true},
    {.name = "ratio", .initial = 12, .minimum = 1, .maximum = 20, .rate = AutomationRate::kRate, .rateFixed = true},
    {.name = "attack", .initial = 0.003f, .minimum = 0, .maximum = 1, .rate = AutomationRate::kRate, .rateFixed = true},
    {.name = "release", .initial = 0.25f, .minimum = 0, .maximum = 1, .rate = AutomationRate::kRate, .rateFixed = true},
};

enum FieldPlace { kMeter };
constexpr FieldDeclaration kFields[] = {{.name = "meter", .kind = FieldKind::resource, .resource = ResourceKind::meter}};

/// Whole frames, the fraction left out as browsers do; nearer than 1e-6 to the next counts as that.
std::uint32_t lookAheadFrames(float sampleRate) {
  return std::max(1u, static_cast<std::uint32_t>(kLookAhead * static_cast<double>(sampleRate) + 1e-6));
}

std::uint64_t after(std::uint64_t frames, std::uint32_t passed) { return frames - std::min<std::uint64_t>(frames, passed); }

class DynamicsCompressorRenderer : public NodeRenderer {
 public:
  explicit DynamicsCompressorRenderer(const CreateArgs& args)
      : compressor_(args.sampleRate),
        recoveryFrames_(lookAheadFrames(args.sampleRate) + static_cast<std::uint64_t>(dsp::Compressor::kRecovery * static_cast<double>(args.sampleRate))),
        recovering_(recoveryFrames_) {
    for (auto& line : lines_) line.assign(lookAheadFrames(args.sampleRate), 0.0f);
  }

  // Sounds for as long as its look-ahead holds input; its gain recovers, unheard, for longer.
  Activity process(const ProcessArgs& args) noexcept override {
    const Block& in = *args.inputs[0];
    Block& out = args.outputs[0];
    const bool active = in.active || activeFrames_ > 0;
    if (!active && recovering_ == 0) return Activity::idle;
    compressor_.set({args.params[kThreshold].at(0), args.params[kKnee].at(0), args.params[kRatio].at(0), args.params[kAttack].at(0),
                     args.params[kRelease].at(0)});
    out.channels = (in.channels > 1 || stereoFrames_ > 0) && out.capacity > 1 ? 2 : 1;
    out.silent = in.silent && soundFrames_ == 0;
    compress(in, args.interpretation, out);
    if (out.silent) out.zero(out.channels);
    keepCount(in, out.frames);
    showReduction(args);
    return active ? Activity::active : Activity::idle;
  }

 private:
  void compress(const Block& in, ChannelInterpretation interpretation, Block& out) noexcept {
    float levels[dsp::Compressor::kHop], gains[dsp::Compressor::kHop];
    const float* left = in.channel(0);
    const float* right = in.channels > 1 ? in.channel(1) : interpretation == ChannelInterpretation::speakers ? left : nullptr;
    for (std::uint32_t at = 0; at < out.frames;) {
      const std::uint32_t count = std::min(out.frames - at, dsp::Compressor::kHop);
      for (std::uint32_t i = 0; i < count; ++i) {
        // A NaN is no level.
        const float a = std::abs(left[at + i]), b = right != nullptr ? std::abs(right[at + i]) : 0.0f;
        levels[i] = a > 0 ? a : 0.0f;
        if (b > levels[i]) levels[i] = b;
      }
      compressor_.process(levels, gains, count);
      if (!out.silent) {
        delay(lines_[0], left + at, gains, out.channel(0) + at, count);
        delay(lines_[1], right != nullptr ? right + at : nullptr, gains, out.channels > 1 ? out.channel(1) + at : nullptr, count);
        place_ = static_cast<std::uint32_t>((place_ + count) % lines_[0].size());
      }
      at += count;
    }
  }

  void delay(std::vector<float>& line, const float* in, const float* gains, float* out, std::uint32_t count) const noexcept {
    for (std::size_t i = 0, place = place_; i < count; place = 0) {
      const std::size_t run = std::min<std::size_t>(count - i, line.size() - place);
      if (out != nullptr) dsp::multiply(line.data() + place, gains + i, out + i, run);
      if (in != nullptr) {
        std::copy_n(in + i, run, line.data() + place);
      } else {
        std::fill_n(line.data() + place, run, 0.0f);
      }
      i += run;
    }
  }

  void keepCount(const Block& in, std::uint32_t frames) noexcept {
    const std::uint64_t held = lines_[0].size();
    activeFrames_ = in.active ? held : after(activeFrames_, frames);
    soundFrames_ = in.silent ? after(soundFrames_, frames) : held;
    stereoFrames_ = in.active && in.channels > 1 ? held : after(stereoFrames_, frames);
    recovering_ = in.silent ? after(recovering_, frames) : recoveryFrames_;
  }

  void showReduction(const ProcessArgs& args) noexcept {
    if (auto* meter = static_cast<Meter*>(args.fields[kMeter].resource)) {
      const bool recovered = recovering_ == 0 && activeFrames_ == 0;
      meter->writer.publish({.frame = args.quantum.frame, .reduction = recovered ? 0.0f : compressor_.reduction()});
    }
  }

  dsp::Compressor compressor_;
  std::vector<float> lines_[2];       // the look-ahead; zeros whenever soundFrames_ is 0
  std::uint32_t place_ = 0;
  const std::uint64_t recoveryFrames_;
  // Frames from the next quantum on:
  std::uint64_t activeFrames_ = 0;    // that past input keeps the node active for
  std::uint64_t soundFrames_ = 0;     // … that it is still to be heard for
  std::uint64_t stereoFrames_ = 0;    // … that it makes the output stereo for
  std::uint64_t recovering_;          // … that silence still changes gain and meter for
};

}  // namespace

const NodeDeclaration kDynamicsCompressor = {
    .name = "DynamicsCompressorNode",
    .channelRules = {.count = 2, .mode = ChannelCountMode::clampedMax},
    .params = kParams,
    .fields = kFields,
    .create = [](const CreateArgs& args) -> std::unique_ptr<NodeRenderer> { return std::make_unique<DynamicsCompressorRenderer>(args); },
    .outputChannels = [](const ChannelQuery&) -> std::uint32_t { return 2; },
};

}  // namespace backline::render
