#pragma once

#include <cstdint>
#include <vector>

#include "render/graph.h"

namespace backline::render {

struct Order {
  std::vector<std::uint32_t> places;   ///< every node after all that it hears
  std::vector<char> muted;             ///< by place: in a cycle
};

/// Tarjan's strongly connected components over the connections (R. Tarjan, 1972), without recursion. [compile]
Order orderNodes(const Graph& graph);

}  // namespace backline::render
