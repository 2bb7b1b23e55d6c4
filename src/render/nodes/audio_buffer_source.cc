#include <algorithm>
#include <cmath>

#include "render/nodes/buffer_player.h"
#include "render/nodes/list.h"
#include "render/nodes/paces.h"
#include "render/nodes/scheduling.h"

namespace backline::render {

namespace {

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
    out.channels = static_cast<std::uint8_t>(std::min<std::uint32_t>(buffer->channels(), out.capacity));
    out.silent = false;
    for (std::uint32_t c = 0; c < out.channels; ++c) {
      std::fill_n(out.channel(c), part.begin, 0.0f);
      std::fill(out.channel(c) + part.end, out.channel(c) + out.frames, 0.0f);
    }
    const double pace = paceOf(args.params[kPlaybackRate].at(0), args.params[kDetune].at(0));
    const BufferPlayer::Settings settings = settingsOf(pace, args.fields, *buffer, args.quantum.sampleRate);
    if (!player_.started()) player_.start(settings, args.schedule.offset, args.schedule.duration, part.lead);
    const bool more = player_.play(settings, out, part.begin, part.end);
    return more && !over ? Activity::active : Activity::finished;
  }

  void resume(const Past& past, std::span<const Field> fields, const Schedule& schedule, float sampleRate) noexcept override {
    scheduler_.resume();
    const AudioBufferData* buffer = bufferOf(fields);
    if (!buffer || buffer->length() == 0) return;
    for (std::size_t i = 0; i < past.frames.size(); ++i) {
      const BufferPlayer::Settings settings = settingsOf(past.paces[i], fields, *buffer, sampleRate);
      if (!player_.started()) player_.start(settings, schedule.offset, schedule.duration, 0);
      player_.skip(settings, past.frames[i]);
    }
  }

 private:
  static BufferPlayer::Settings settingsOf(double pace, std::span<const Field> fields, const AudioBufferData& buffer, float sampleRate) {
    const double step = pace * (double{buffer.sampleRate()} / sampleRate);
    return {buffer, step, fields[kLoop].isTrue(), fields[kLoopStart].number, fields[kLoopEnd].number};
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
