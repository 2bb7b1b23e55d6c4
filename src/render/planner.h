#pragma once

#include <memory>

#include "render/graph.h"
#include "render/plan.h"

namespace backline::render {

/// Orders the graph, reserves blocks and writes the plan down: linear in nodes and connections.
/// Nodes in a cycle are muted. Blocks are shared between outputs whose lives do not overlap.
/// `destination`: the node whose first output is the session's output; 0: none yet, the plan is silent.
/// Throws RecordError if the blocks would take more than 1 GiB. [compile]
std::unique_ptr<Plan> compilePlan(const Graph& graph, NodeId destination, std::uint32_t quantum);

}  // namespace backline::render
