#include <algorithm>
#include <vector>

#include "dsp/mixing.h"
#include "render/nodes/list.h"
#include "render/streams.h"

namespace backline::render {

namespace {

constexpr FieldDeclaration kFields[] = {
    {.name = "history", .kind = FieldKind::resource, .resource = ResourceKind::outputStream},
};

// The history has every quantum, heard or not: frames of silence count like others (Web Audio §1.8.5).
class AnalyserRenderer : public NodeRenderer {
 public:
  explicit AnalyserRenderer(const CreateArgs& args) : mono_(args.quantum) {}

  Activity process(const ProcessArgs& args) noexcept override {
    const Block& in = *args.inputs[0];
    if (auto* history = static_cast<OutputStream*>(args.fields[0].resource)) remember(in, history->writer);
    if (!in.active) return Activity::idle;
    Block& out = args.outputs[0];
    std::copy_n(in.data, std::size_t{in.channels} * in.frames, out.data);
    out.channels = in.channels;
    out.silent = in.silent;
    return Activity::active;
  }

 private:
  void remember(const Block& in, transport::RingWriter& history) noexcept {
    if (history.format().channels != 1) return;
    dsp::mixTo({in.data, in.channels, in.frames}, {mono_.data(), 1, in.frames}, dsp::MixRule::speakers);
    history.write(mono_.data(), in.frames);
  }

  std::vector<float> mono_;
};

}  // namespace

const NodeDeclaration kAnalyser = {
    .name = "AnalyserNode",
    .fields = kFields,
    .create = [](const CreateArgs& args) -> std::unique_ptr<NodeRenderer> { return std::make_unique<AnalyserRenderer>(args); },
};

}  // namespace backline::render
