#include <algorithm>

#include "render/nodes/list.h"
#include "render/nodes/scheduling.h"

namespace backline::render {

namespace {

constexpr ParamDeclaration kParams[] = {{.name = "offset", .initial = 1}};

class ConstantSourceRenderer : public NodeRenderer {
 public:
  Activity process(const ProcessArgs& args) noexcept override {
    const Sounding part = scheduler_.of(args.schedule, args.quantum);
    Block& out = args.outputs[0];
    if (part.any()) {
      const ParamBlock& offset = args.params[0];
      silenceAround(out, part);
      if (offset.constant) {
        std::fill(out.data + part.begin, out.data + part.end, offset.values[0]);
      } else {
        std::copy(offset.values + part.begin, offset.values + part.end, out.data + part.begin);
      }
      out.channels = 1;
      out.silent = offset.constant && offset.values[0] == 0;
    } else if (part.over) {
      out.zero(1);
    } else {
      return Activity::idle;
    }
    return part.over ? Activity::finished : Activity::active;
  }

 private:
  Scheduler scheduler_;
};

}  // namespace

const NodeDeclaration kConstantSource = {
    .name = "ConstantSourceNode",
    .inputs = 0,
    .scheduled = true,
    .params = kParams,
    .create = [](const CreateArgs&) -> std::unique_ptr<NodeRenderer> { return std::make_unique<ConstantSourceRenderer>(); },
};

}  // namespace backline::render
