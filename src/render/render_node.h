#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "dsp/timeline.h"
#include "render/node.h"
#include "render/worklet.h"

namespace backline::render {

/// An automation event lent to a Timeline, with the storage of its curve. Allocated and freed on the compile thread.
struct OwnedEvent : dsp::TimelineEvent {
  std::vector<float> curveStorage;
};

struct ParamSlot {
  dsp::Timeline timeline;
  AutomationRate rate;
  float initial;   ///< stands in for NaN (Web Audio §1.6.3)
};

/// A node as the render thread knows it: outlives plans, which only point to it. Made and destroyed on the compile thread.
struct RenderNode {
  RenderNode(NodeId id_, const NodeDeclaration& declaration_) : id(id_), declaration(declaration_) {}
  ~RenderNode();
  RenderNode(const RenderNode&) = delete;
  RenderNode& operator=(const RenderNode&) = delete;

  const NodeId id;
  const NodeDeclaration& declaration;
  std::unique_ptr<NodeRenderer> renderer;
  /// Was actively processing in the last quantum: a tail may still be sounding. [written by render, read by compile]
  std::atomic<bool> sounding{false};

  /// The render thread's once the node's first transaction has been handed over.
  struct {
    std::vector<ParamSlot> params;
    std::vector<Field> fields;
    Schedule schedule;
    std::uint64_t startedAt = 0;  ///< the quantum in which a scheduled source sounded first
    bool started = false;         ///< it has
    bool startedUnsaid = false;   ///< … and the notice found no room yet
    bool finished = false;        ///< a scheduled source has played to its end
    bool endedUnsaid = false;     ///< … and the notice found no room yet
    float cost = -1;              ///< seconds a quantum, moving average (NodeCosts); below 0: not measured yet
  } rt_;
};

}  // namespace backline::render
