#pragma once

#include <vector>

#include "render/nodes/list.h"
#include "render/records.h"

namespace backline::test {

/// Writes commands as the control side does: one batch a call of take().
class Batch {
 public:
  Batch& add(std::uint32_t target, render::Command command) {
    records_.push_back({target, sequence_, std::move(command)});
    return *this;
  }
  Batch& node(render::NodeId id, const render::NodeDeclaration& type) {
    return add(id, render::CreateNode{render::numberOf(type), type.channelRules});
  }
  Batch& start(render::NodeId id, double when, double stop = std::numeric_limits<double>::infinity()) {
    return add(id, render::SetSchedule{{when, stop}});
  }
  Batch& connect(render::NodeId source, render::NodeId destination) { return add(source, render::Connect{0, destination, 0}); }
  Batch& setValue(render::NodeId id, std::uint32_t param, float value, double time) {
    render::ParamEvent event;
    event.param = param;
    event.time = time;
    event.value = value;
    return add(id, event);
  }
  Batch& run(std::uint32_t generation = 1) { return add(0, render::SetRunning{1, generation}); }

  /// The records with their Commit; the next batch begins.
  std::vector<render::CommandRecord> take() {
    records_.push_back({0, sequence_++, render::Commit{static_cast<std::uint32_t>(records_.size())}});
    return std::exchange(records_, {});
  }
  std::vector<std::byte> takeBytes() {
    std::vector<std::byte> bytes;
    for (const render::CommandRecord& record : take()) render::encode(bytes, record);
    return bytes;
  }

 private:
  std::uint64_t sequence_ = 1;
  std::vector<render::CommandRecord> records_;
};

}  // namespace backline::test
