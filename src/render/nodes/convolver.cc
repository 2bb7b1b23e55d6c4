#include <new>

#include "render/nodes/impulse_response.h"
#include "render/nodes/list.h"
#include "render/records.h"

namespace backline::render {

namespace {

enum FieldPlace { kNormalized, kBuffer };
constexpr FieldDeclaration kFields[] = {
    {.name = "normalized", .kind = FieldKind::boolean, .initial = 1},   // what `normalize` was when `buffer` was set
    {.name = "buffer", .kind = FieldKind::resource, .resource = ResourceKind::audioBuffer},
};

class ConvolverRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    auto* response = static_cast<ImpulseResponse*>(args.fields[kBuffer].resource);
    return response != nullptr ? response->process(*args.inputs[0], args.interpretation, args.outputs[0]) : Activity::idle;
  }
};

std::shared_ptr<Resource> prepare(const CreateArgs& args, std::uint32_t field, std::span<const Field> fields) {
  if (field != kBuffer) return nullptr;
  const auto& buffer = *static_cast<const AudioBufferData*>(fields[kBuffer].resource);
  const std::uint32_t channels = buffer.channels();
  if ((channels != 1 && channels != 2 && channels != 4) || buffer.length() == 0)
    throw RecordError("an impulse response of " + std::to_string(channels) + " channels and " + std::to_string(buffer.length()) + " frames");
  if (buffer.sampleRate() != args.sampleRate) throw RecordError("an impulse response at " + std::to_string(buffer.sampleRate()) + " Hz");
  try {
    return std::make_shared<ImpulseResponse>(buffer, fields[kNormalized].isTrue(), args.quantum);
  } catch (const std::bad_alloc&) {
    throw RecordError("no memory for an impulse response of " + std::to_string(buffer.length()) + " frames");
  }
}

std::uint32_t outputChannels(const ChannelQuery& query) { return query.fields[kBuffer].resource != nullptr ? 2 : 1; }

}  // namespace

const NodeDeclaration kConvolver = {
    .name = "ConvolverNode",
    .channelRules = {.count = 2, .mode = ChannelCountMode::clampedMax},
    .fields = kFields,
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<ConvolverRenderer>(); },
    .outputChannels = outputChannels,
    .prepare = prepare,
};

}  // namespace backline::render
