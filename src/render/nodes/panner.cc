#include <algorithm>

#include "dsp/kernels.h"
#include "dsp/spatial.h"
#include "render/nodes/hrtf_panner.h"
#include "render/nodes/list.h"
#include "render/nodes/spatial_params.h"
#include "render/records.h"

namespace backline::render {

namespace {

constexpr ParamDeclaration kParams[] = {
    {.name = "positionX"}, {.name = "positionY"}, {.name = "positionZ"},
    {.name = "orientationX", .initial = 1}, {.name = "orientationY"}, {.name = "orientationZ"},
};

enum FieldPlace { kPanningModel, kDistanceModel, kRefDistance, kMaxDistance, kRolloffFactor, kConeInnerAngle, kConeOuterAngle, kConeOuterGain };
enum PanningModel { kEqualPower, kHrtf };
constexpr FieldDeclaration kFields[] = {
    {.name = "panningModel", .kind = FieldKind::enumeration, .initial = kEqualPower, .minimum = 0, .maximum = kHrtf},
    {.name = "distanceModel", .kind = FieldKind::enumeration, .initial = dsp::DistanceLaw::inverse, .minimum = 0, .maximum = dsp::DistanceLaw::exponential},
    {.name = "refDistance", .kind = FieldKind::number, .initial = 1, .minimum = 0},
    {.name = "maxDistance", .kind = FieldKind::number, .initial = 10000, .minimum = 0},
    {.name = "rolloffFactor", .kind = FieldKind::number, .initial = 1, .minimum = 0},
    {.name = "coneInnerAngle", .kind = FieldKind::number, .initial = 360},
    {.name = "coneOuterAngle", .kind = FieldKind::number, .initial = 360},
    {.name = "coneOuterGain", .kind = FieldKind::number, .initial = 0, .minimum = 0, .maximum = 1},
};

/// What of the fields the loudness depends on.
struct Loudness {
  dsp::DistanceLaw distance;
  dsp::Cone cone;

  explicit Loudness(std::span<const Field> fields) noexcept
      : distance{static_cast<dsp::DistanceLaw::Model>(static_cast<int>(fields[kDistanceModel].number)), fields[kRefDistance].number,
                 fields[kMaxDistance].number, fields[kRolloffFactor].number},
        cone{fields[kConeInnerAngle].number, fields[kConeOuterAngle].number, fields[kConeOuterGain].number} {}

  double gain(const dsp::Point& offset, std::span<const ParamBlock> params, std::uint32_t frame) const noexcept {
    const double near = distance.gain(dsp::length(offset));
    return cone.isEverywhere() ? near : near * cone.gain(pointAt(params, PannerParam::orientation, frame), offset);
  }
};

class PannerRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    const ListenerView listener(args.inputs.size() > 1 ? args.inputs[1] : nullptr);
    auto* hrtf = static_cast<HrtfPanner*>(args.fields[kPanningModel].resource);
    if (hrtf != nullptr && hrtf->isReady()) return panHrtf(args, listener, *hrtf);
    return panEqualPower(args, listener, hrtf);
  }

 private:
  /// All parameters count once a quantum.
  Activity panHrtf(const ProcessArgs& args, const ListenerView& listener, HrtfPanner& hrtf) noexcept {
    const Block& in = *args.inputs[0];
    Block& out = args.outputs[0];
    if (!in.active && activeFrames_ == 0) {
      hrtf.reset();
      return Activity::idle;
    }
    if (in.silent && soundFrames_ == 0) {
      hrtf.reset();
      out.zero(2);
    } else {
      const dsp::Head head = listener.headAt(0);
      const dsp::Point offset = pointAt(args.params, PannerParam::position, 0) - head.position();
      hrtf.process(in, head.direction(offset), Loudness(args.fields).gain(offset, args.params, 0), out);
      if (hrtf.isArriving()) {
        panEqualPower(args, listener, hrtf.standIn());
        hrtf.arrive(out);
      }
    }
    activeFrames_ = in.active ? hrtf.tail() : activeFrames_ - std::min(activeFrames_, in.frames);
    soundFrames_ = in.silent ? soundFrames_ - std::min(soundFrames_, in.frames) : hrtf.tail();
    return Activity::active;
  }

  /// Also in place of `late`, if that is not null.
  Activity panEqualPower(const ProcessArgs& args, const ListenerView& listener, HrtfPanner* late) noexcept {
    activeFrames_ = soundFrames_ = 0;
    if (!args.inputs[0]->active) return Activity::idle;
    if (late != nullptr) late->replaced();
    panEqualPower(args, listener, args.outputs[0]);
    return Activity::active;
  }

  static void panEqualPower(const ProcessArgs& args, const ListenerView& listener, Block& out) noexcept {
    const Block& in = *args.inputs[0];
    if (in.silent) return out.zero(2);
    out.channels = 2;
    out.silent = false;
    const Loudness loudness(args.fields);
    const bool still = listener.constant() && std::all_of(args.params.begin(), args.params.end(), [](const ParamBlock& param) { return param.constant; });
    if (still) {
      panStill(in, spotAt(args, listener.headAt(0), loudness, 0), out);
      return;
    }
    dsp::Head head = listener.headAt(0);
    for (std::uint32_t i = 0; i < in.frames; ++i) {
      if (!listener.constant()) head = listener.headAt(i);
      panOne(in, spotAt(args, head, loudness, i), out, i);
    }
  }

  struct Spot {
    double side, gain;
  };
  static Spot spotAt(const ProcessArgs& args, const dsp::Head& head, const Loudness& loudness, std::uint32_t frame) noexcept {
    const dsp::Point offset = pointAt(args.params, PannerParam::position, frame) - head.position();
    return {head.side(offset), loudness.gain(offset, args.params, frame)};
  }

  // The specification pans first and applies distance and cone to what comes out: two roundings.

  static void panStill(const Block& in, const Spot& spot, Block& out) noexcept {
    const bool mono = in.channels == 1;
    const dsp::PanGains pan = mono ? dsp::panMono(spot.side) : dsp::panStereo(spot.side);
    const auto left = static_cast<float>(pan.left), right = static_cast<float>(pan.right), gain = static_cast<float>(spot.gain);
    float* const outLeft = out.channel(0);
    float* const outRight = out.channel(1);
    if (mono || spot.side > 0) {
      dsp::scale(in.channel(0), left, outLeft, in.frames);
      dsp::scale(in.channel(0), right, outRight, in.frames);
      if (!mono) dsp::add(in.channel(1), outRight, in.frames);
    } else {
      dsp::scale(in.channel(1), left, outLeft, in.frames);
      dsp::add(in.channel(0), outLeft, in.frames);
      dsp::scale(in.channel(1), right, outRight, in.frames);
    }
    if (gain == 1) return;
    dsp::scale(outLeft, gain, outLeft, in.frames);
    dsp::scale(outRight, gain, outRight, in.frames);
  }

  static void panOne(const Block& in, const Spot& spot, Block& out, std::uint32_t i) noexcept {
    const double left = in.channel(0)[i];
    double outLeft, outRight;
    if (in.channels == 1) {
      const dsp::PanGains pan = dsp::panMono(spot.side);
      outLeft = left * pan.left;
      outRight = left * pan.right;
    } else {
      const double right = in.channel(1)[i];
      const dsp::PanGains pan = dsp::panStereo(spot.side);
      outLeft = spot.side <= 0 ? left + right * pan.left : left * pan.left;
      outRight = spot.side <= 0 ? right * pan.right : right + left * pan.right;
    }
    const auto gain = static_cast<float>(spot.gain);
    out.channel(0)[i] = static_cast<float>(outLeft) * gain;
    out.channel(1)[i] = static_cast<float>(outRight) * gain;
  }

  std::uint32_t activeFrames_ = 0;   // of HRTF: that the past input keeps the node active for, from the next quantum on
  std::uint32_t soundFrames_ = 0;    // … that it is heard for
};

std::shared_ptr<Resource> prepare(const CreateArgs& args, std::uint32_t field, std::span<const Field> fields) {
  if (field != kPanningModel || static_cast<int>(fields[kPanningModel].number) != kHrtf) return nullptr;
  try {
    auto table = HrtfTable::of(args.sampleRate);
    if (!args.live) table->wait();
    return std::make_shared<HrtfPanner>(std::move(table), args.quantum);
  } catch (const std::runtime_error& error) {
    throw RecordError(std::string("a PannerNode with HRTF: ") + error.what());
  }
}

}  // namespace

const NodeDeclaration kPanner = {
    .name = "PannerNode",
    .hearsListener = true,
    .channelRules = {.count = 2, .mode = ChannelCountMode::clampedMax},
    .params = kParams,
    .fields = kFields,
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<PannerRenderer>(); },
    .outputChannels = [](const ChannelQuery&) { return 2u; },
    .prepare = prepare,
};

}  // namespace backline::render
