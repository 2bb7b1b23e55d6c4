#include <algorithm>

#include "dsp/oversampler.h"
#include "dsp/wave_shaping.h"
#include "render/curve_resource.h"
#include "render/nodes/list.h"

namespace backline::render {

namespace {

enum FieldPlace { kCurve, kOversample };
enum { kNone, kTwice, kFourTimes };
constexpr FieldDeclaration kFields[] = {
    {.name = "curve", .kind = FieldKind::resource, .resource = ResourceKind::curve},
    {.name = "oversample", .kind = FieldKind::enumeration, .initial = kNone, .minimum = 0, .maximum = kFourTimes},
};

struct Oversampling final : Resource {
  explicit Oversampling(std::uint32_t factor) : sampler(factor, kMaxChannels) {}
  ResourceKind kind() const override { return ResourceKind::prepared; }
  dsp::Oversampler sampler;
};

/// Without a curve it passes what it hears. With one that makes something of silence it sounds as long as something is connected.
class WaveShaperRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    const Block& in = *args.inputs[0];
    Block& out = args.outputs[0];
    const auto* resource = static_cast<const CurveResource*>(args.fields[kCurve].resource);
    if (resource == nullptr) return pass(in, out);
    takeUp(static_cast<Oversampling*>(args.fields[kOversample].resource));

    const std::span<const float> curve = resource->points();
    float rest = 0;
    dsp::shape(curve, &rest, &rest, 1);
    const bool hums = rest != 0;
    if (!in.active && activeFrames_ == 0 && !(hums && args.connected)) return Activity::idle;
    const bool tailOnly = !in.active && activeFrames_ > 0;
    const std::uint32_t channels = std::min<std::uint32_t>(tailOnly ? std::max<std::uint32_t>(in.channels, channels_) : in.channels, out.capacity);
    takeChannels(channels);
    if (in.silent && soundFrames_ == 0 && !hums) {
      out.zero(channels);
    } else {
      out.channels = static_cast<std::uint8_t>(channels);
      out.silent = false;
      for (std::uint32_t c = 0; c < channels; ++c) shapeChannel(curve, in.channel(std::min<std::uint32_t>(c, in.channels - 1u)), c, out);
    }
    const std::uint32_t tail = oversampling_ != nullptr ? oversampling_->sampler.tail() : 0;
    activeFrames_ = in.active ? tail : activeFrames_ - std::min(activeFrames_, in.frames);
    soundFrames_ = in.silent ? soundFrames_ - std::min(soundFrames_, in.frames) : tail;
    return Activity::active;
  }

 private:
  static Activity pass(const Block& in, Block& out) noexcept {
    if (!in.active) return Activity::idle;
    out.channels = in.channels;
    out.silent = in.silent;
    std::copy_n(in.data, std::size_t{in.channels} * in.frames, out.data);
    return Activity::active;
  }

  void takeUp(Oversampling* oversampling) noexcept {
    if (oversampling == oversampling_) return;
    oversampling_ = oversampling;
    channels_ = activeFrames_ = soundFrames_ = 0;
  }

  /// What was mono stood in both channels of what is stereo now.
  void takeChannels(std::uint32_t channels) noexcept {
    for (std::uint32_t c = channels_; oversampling_ != nullptr && c < channels; ++c) {
      if (channels_ == 1 && channels == 2) {
        oversampling_->sampler.copy(0, c);
      } else {
        oversampling_->sampler.clear(c);
      }
    }
    channels_ = channels;
  }

  void shapeChannel(std::span<const float> curve, const float* in, std::uint32_t channel, Block& out) noexcept {
    if (oversampling_ == nullptr) {
      dsp::shape(curve, in, out.channel(channel), out.frames);
      return;
    }
    oversampling_->sampler.process(channel, in, out.channel(channel), out.frames,
                                   [curve](float* samples, std::size_t count) noexcept { dsp::shape(curve, samples, samples, count); });
  }

  Oversampling* oversampling_ = nullptr;
  std::uint32_t channels_ = 0;
  std::uint32_t activeFrames_ = 0;   // that the past input keeps the node active for, from the next quantum on
  std::uint32_t soundFrames_ = 0;    // … that it is heard for
};

std::shared_ptr<Resource> prepare(const CreateArgs&, std::uint32_t field, std::span<const Field> fields) {
  const auto wanted = static_cast<int>(fields[kOversample].number);
  if (field != kOversample || wanted == kNone) return nullptr;
  return std::make_shared<Oversampling>(wanted == kTwice ? 2u : 4u);
}

}  // namespace

const NodeDeclaration kWaveShaper = {
    .name = "WaveShaperNode",
    .fields = kFields,
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<WaveShaperRenderer>(); },
    .prepare = prepare,
};

}  // namespace backline::render
