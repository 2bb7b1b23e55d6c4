#include <algorithm>
#include <cmath>

#include "render/nodes/buffer_player.h"
#include "render/nodes/list.h"
#include "render/nodes/scheduling.h"

namespace backline::render {

namespace {

constexpr double kMostDetune = 153600;  // cents: beyond, 2^(detune / 1200) is no float any more
constexpr double kCentsPerOctave = 1200;

enum Param { kPlaybackRate, kDetune };
constexpr ParamDeclaration kParams[] = {
    {.name = "playbackRate", .initial = 1, .rate = AutomationRate::kRate, .rateFixed = true},
    {.name = "detune", .initial = 0, .rate = AutomationRate::kRate, .rateFixed = true},
};

enum FieldPlace { kBuffer, kLoop, kLoopStart, kLoopEnd };
constexpr FieldDeclaration kFields[] = {
    {.name = "buffer", .kind = FieldKind::resource},
    {.name = "loop", .kind = FieldKind::boolean},
    {.name = "loopStart", .kind = FieldKind::number},
    {.name = "loopEnd", .kind = FieldKind::number},
};

const AudioBufferData* bufferOf(std::span<const Field> fields) {
  return static_cast<const AudioBufferData*>(fields[kBuffer].resource);
}

class AudioBufferSourceRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    const Sounding part = scheduler_.of(args.schedule, args.quantum);
    const AudioBufferData* buffer = bufferOf(args.fields);
    Block& out = args.outputs[0];
    // A buffer that was taken away ends the playback; one that was never set may still come.
    const bool over = part.over || (!buffer && player_.started());
    if (!buffer || buffer->length() == 0 || !part.any()) {
      if (!over) return Activity::idle;
      out.zero(1);
      return Activity::finished;
    }
    out.zero(std::min<std::uint32_t>(buffer->channels(), out.capacity));
    out.silent = false;
    const BufferPlayer::Settings settings = settingsOf(args, *buffer);
    if (!player_.started()) player_.start(settings, args.schedule.offset, args.schedule.duration, part.lead);
    const bool more = player_.play(settings, out, part.begin, part.end);
    return more && !over ? Activity::active : Activity::finished;
  }

 private:
  static BufferPlayer::Settings settingsOf(const ProcessArgs& args, const AudioBufferData& buffer) {
    const double rate = args.params[kPlaybackRate].at(0);
    const double detune = std::clamp<double>(args.params[kDetune].at(0), -kMostDetune, kMostDetune);
    const double step = rate * std::exp2(detune / kCentsPerOctave) * (double{buffer.sampleRate()} / args.quantum.sampleRate);
    return {buffer, step, args.fields[kLoop].isTrue(), args.fields[kLoopStart].number, args.fields[kLoopEnd].number};
  }

  Scheduler scheduler_;
  BufferPlayer player_;
};

}  // namespace

const NodeDeclaration kAudioBufferSource = {
    .name = "AudioBufferSourceNode",
    .inputs = 0,
    .scheduled = true,
    .params = kParams,
    .fields = kFields,
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<AudioBufferSourceRenderer>(); },
    .outputChannels = [](const ChannelQuery& query) -> std::uint32_t {
      const AudioBufferData* buffer = bufferOf(query.fields);
      return buffer ? std::clamp<std::uint32_t>(buffer->channels(), 1, kMaxChannels) : 1;
    },
};

}  // namespace backline::render
