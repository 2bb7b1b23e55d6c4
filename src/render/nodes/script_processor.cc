#include <algorithm>

#include "render/nodes/list.h"
#include "render/nodes/script_blocks.h"
#include "render/records.h"

namespace backline::render {

namespace {

enum FieldIndex : std::uint32_t { kBufferSize, kInputChannels, kOutputChannels, kExchange };

// The exchange comes last: the blocks are made when it is set, from what the others are then.
constexpr FieldDeclaration kFields[] = {
    {.name = "bufferSize", .kind = FieldKind::number, .initial = 1024, .minimum = kLeastScriptFrames, .maximum = kMostScriptFrames},
    {.name = "numberOfInputChannels", .kind = FieldKind::number, .initial = 2, .minimum = 0, .maximum = kMaxChannels},
    {.name = "numberOfOutputChannels", .kind = FieldKind::number, .initial = 2, .minimum = 0, .maximum = kMaxChannels},
    {.name = "exchange", .kind = FieldKind::resource, .resource = ResourceKind::exchange},
};

std::uint32_t wholeOf(const Field& field) { return static_cast<std::uint32_t>(field.number); }

class ScriptProcessorRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    auto* blocks = static_cast<ScriptBlocks*>(args.fields[kExchange].resource);
    if (blocks == nullptr) return Activity::idle;
    // "Actively processing when its input or output is connected" (Web Audio §1.5.4).
    if (!args.connected) {
      blocks->disconnected();
      return Activity::idle;
    }
    blocks->process(*args.inputs[0], args.outputs[0], args.quantum.frame);
    return Activity::active;
  }
};

std::shared_ptr<Resource> prepareBlocks(const CreateArgs& args, std::uint32_t field, std::span<const Field> fields) {
  if (field != kExchange) return nullptr;
  auto exchange = static_cast<Exchange*>(fields[kExchange].resource)->shared_from_this();
  const ScriptShape shape{wholeOf(fields[kBufferSize]), wholeOf(fields[kInputChannels]), wholeOf(fields[kOutputChannels]), args.quantum,
                          args.sampleRate};
  if (exchange->requests.maxRecord() < exchangeBytes<ExchangeRequest>(shape.inputs, shape.frames))
    throw RecordError("the exchange of a ScriptProcessorNode has no room for a block");
  return std::make_shared<ScriptBlocks>(shape, std::move(exchange));
}

}  // namespace

const NodeDeclaration kScriptProcessor = {
    .name = "ScriptProcessorNode",
    .channelRules = {.count = 2, .mode = ChannelCountMode::explicitCount},
    .fields = kFields,
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<ScriptProcessorRenderer>(); },
    .outputChannels = [](const ChannelQuery& query) { return std::max(1u, wholeOf(query.fields[kOutputChannels])); },
    .prepare = &prepareBlocks,
};

}  // namespace backline::render
