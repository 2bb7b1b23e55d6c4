#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "render/plan.h"
#include "render/records.h"

namespace backline::render {

// What is done to one node's values, in the order of the commands. Everything they need has been allocated already.
struct FieldOp {
  std::uint32_t field;
  Field value;
};
struct ScheduleOp {
  Schedule schedule;
};
struct EventOp {
  std::uint32_t param;
  OwnedEvent* event;
};
struct CancelOp {
  std::uint32_t param;
  double time;
};
struct HoldOp {
  std::uint32_t param;
  double time;
  OwnedEvent* hold;
  OwnedEvent* spare;
};
struct ValueSetOp {
  std::uint32_t param;
  float value;
};
struct RateOp {
  std::uint32_t param;
  AutomationRate rate;
};
struct MessageOp {
  const Message* message;   ///< the transaction's
};

struct ResumeOp {
  bool ended;
  const Past* past;         ///< the transaction's
};

struct ValueOp {
  RenderNode* node;
  std::variant<FieldOp, ScheduleOp, EventOp, CancelOp, HoldOp, RateOp, MessageOp, ValueSetOp, ResumeOp> op;
};

/// The state that a session is to take; answered by StateChanged with the same generation.
struct RunState {
  enum Kind : std::uint32_t { suspended, running, closed } kind;
  std::uint32_t generation;
};

/// One or more whole batches, ready for the render thread: it applies them between two quanta without allocating, and sends the
/// shell back with what it replaced; the compile thread frees it.
struct Transaction {
  std::uint64_t sequence = 0;                ///< of the last batch in it
  std::unique_ptr<Plan> plan;                ///< null: the old one stays. After: the one that was replaced
  std::vector<ValueOp> ops;
  std::vector<RunState> states;
  std::vector<std::unique_ptr<Message>> messages;
  std::vector<std::unique_ptr<Past>> pasts;
  std::vector<std::unique_ptr<RenderNode>> removedNodes;
  std::vector<std::shared_ptr<Resource>> releasedResources;
  bool empty() const { return !plan && ops.empty() && states.empty() && removedNodes.empty() && releasedResources.empty(); }
};

}  // namespace backline::render
