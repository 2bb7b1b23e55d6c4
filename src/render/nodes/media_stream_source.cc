#include "render/nodes/list.h"
#include "render/nodes/media_stream_intake.h"

namespace backline::render {

namespace {

enum : std::uint32_t { kStream, kEnabled };
constexpr FieldDeclaration kFields[] = {
    {.name = "stream", .kind = FieldKind::resource, .resource = ResourceKind::inputStream},
    {.name = "enabled", .kind = FieldKind::boolean, .initial = 1},   // the track's
};

MediaStreamIntake* intakeOf(const Field& field) { return static_cast<MediaStreamIntake*>(field.resource); }

class MediaStreamSourceRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    MediaStreamIntake* intake = intakeOf(args.fields[kStream]);
    if (intake == nullptr) return Activity::idle;
    Block& out = args.outputs[0];
    if (!intake->pull(out)) return Activity::idle;
    if (!args.fields[kEnabled].isTrue()) out.zero(out.channels);
    return Activity::active;
  }
  void pause(std::span<const Field> fields) noexcept override {
    if (MediaStreamIntake* intake = intakeOf(fields[kStream])) intake->interrupt();
  }
};

constexpr NodeDeclaration declare(const char* name) {
  return {
      .name = name,
      .inputs = 0,
      .fields = kFields,
      .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<MediaStreamSourceRenderer>(); },
      .outputChannels = [](const ChannelQuery& query) -> std::uint32_t {
        const MediaStreamIntake* intake = intakeOf(query.fields[kStream]);
        return intake == nullptr ? 1 : intake->channels();
      },
      .prepare = [](const CreateArgs& session, std::uint32_t field, std::span<const Field> fields) -> std::shared_ptr<Resource> {
        if (field != kStream) return nullptr;
        auto& stream = static_cast<InputStream&>(*fields[field].resource);
        return std::make_shared<MediaStreamIntake>(stream.shared_from_this(), session);
      },
  };
}

}  // namespace

const NodeDeclaration kMediaStreamAudioSource = declare("MediaStreamAudioSourceNode");
const NodeDeclaration kMediaStreamTrackAudioSource = declare("MediaStreamTrackAudioSourceNode");

}  // namespace backline::render
