#include <algorithm>
#include <vector>

#include "render/nodes/list.h"
#include "render/nodes/media_element_source.h"
#include "render/records.h"
#include "render/streams.h"

namespace backline::render {

namespace {

constexpr double kNever = 9007199254740992;   // 2⁵³: no stream gets as far

constexpr FieldDeclaration kFields[] = {
    {.name = "stream", .kind = FieldKind::resource, .resource = ResourceKind::inputStream},
    {.name = "playing", .kind = FieldKind::boolean},
    {.name = "from", .kind = FieldKind::number, .minimum = 0, .maximum = kNever},
    {.name = "until", .kind = FieldKind::number, .initial = kNever, .minimum = 0, .maximum = kNever},
    {.name = "volume", .kind = FieldKind::number, .initial = 1, .minimum = 0, .maximum = 1},
};

InputStream* streamOf(std::span<const Field> fields) { return static_cast<InputStream*>(fields[kElementStream].resource); }

std::uint64_t positionIn(const Field& field) { return static_cast<std::uint64_t>(field.number); }

class MediaElementSourceRenderer : public NodeRenderer {
 public:
  explicit MediaElementSourceRenderer(const CreateArgs& session) : rt_{std::vector<float>(std::size_t{session.quantum} * kMaxChannels)} {}

  Activity process(const ProcessArgs& args) noexcept override {
    InputStream* stream = streamOf(args.fields);
    if (stream == nullptr) return idle();
    skipTo(stream->reader, positionIn(args.fields[kElementFrom]));
    if (!args.fields[kElementPlaying].isTrue()) return idle();
    Block& out = args.outputs[0];
    const std::uint32_t got = fetch(stream->reader, args.fields, out.frames);
    if (got == 0) return idle();
    spread(stream->reader.format().channels, got, static_cast<float>(args.fields[kElementVolume].number), out);
    return Activity::active;
  }

 private:
  Activity idle() noexcept {
    rt_.began = false;
    return Activity::idle;
  }

  static void skipTo(transport::RingReader& reader, std::uint64_t from) noexcept {
    const std::uint64_t at = reader.consumed();
    if (at < from) reader.skip(static_cast<std::uint32_t>(std::min<std::uint64_t>(from - at, reader.available())));
  }

  std::uint32_t fetch(transport::RingReader& reader, std::span<const Field> fields, std::uint32_t frames) noexcept {
    const std::uint64_t at = reader.consumed(), until = positionIn(fields[kElementUntil]);
    if (at < positionIn(fields[kElementFrom]) || at >= until) return 0;
    const auto wanted = static_cast<std::uint32_t>(std::min<std::uint64_t>(frames, until - at));
    const transport::WriterState writer = reader.writerState();   // before its fill
    const std::uint32_t got = reader.read(rt_.fetched.data(), wanted);
    if (got < wanted && writer == transport::WriterState::running) reader.countUnderrun(wanted - got);
    removeNonsense(rt_.fetched.data(), std::size_t{got} * reader.format().channels);
    return got;
  }

  // The volume goes to a new value within the quantum: no step to be heard as a click.
  void spread(std::uint32_t channels, std::uint32_t got, float volume, Block& out) noexcept {
    const float first = rt_.began ? rt_.volume : volume, slope = (volume - first) / static_cast<float>(out.frames);
    out.channels = static_cast<std::uint8_t>(std::min<std::uint32_t>(channels, out.capacity));
    out.silent = false;
    for (std::uint32_t c = 0; c < out.channels; ++c) {
      float* to = out.channel(c);
      const float* from = rt_.fetched.data() + c;
      if (slope == 0) {
        for (std::uint32_t i = 0; i < got; ++i) to[i] = from[std::size_t{i} * channels] * volume;
      } else {
        for (std::uint32_t i = 0; i < got; ++i) to[i] = from[std::size_t{i} * channels] * (first + slope * static_cast<float>(i + 1));
      }
      std::fill(to + got, to + out.frames, 0.0f);
    }
    rt_.volume = volume;
    rt_.began = true;
  }

  struct Rt {
    std::vector<float> fetched;   // interleaved
    float volume = 1;             // of the last quantum
    bool began = false;
  } rt_;
};

}  // namespace

const NodeDeclaration kMediaElementAudioSource = {
    .name = "MediaElementAudioSourceNode",
    .inputs = 0,
    .fields = kFields,
    .create = [](const CreateArgs& session) -> std::unique_ptr<NodeRenderer> { return std::make_unique<MediaElementSourceRenderer>(session); },
    .outputChannels = [](const ChannelQuery& query) -> std::uint32_t {
      const InputStream* stream = streamOf(query.fields);
      return stream == nullptr ? 1 : stream->reader.format().channels;
    },
    .prepare = [](const CreateArgs& session, std::uint32_t field, std::span<const Field> fields) -> std::shared_ptr<Resource> {
      if (field != kElementStream) return nullptr;
      auto& stream = static_cast<InputStream&>(*fields[field].resource);
      if (stream.reader.format().sampleRate != session.sampleRate) throw RecordError("an element's stream has another rate than its session");
      return stream.shared_from_this();
    },
};

}  // namespace backline::render
