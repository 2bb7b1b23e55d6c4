#include "render/order.h"

#include <algorithm>

namespace backline::render {

namespace {

constexpr std::uint32_t kUnseen = 0xffffffff;

/// Walks all sources of a node, inputs first, as one sequence.
struct Walk {
  std::uint32_t place;
  std::uint32_t list = 0;
  std::uint32_t entry = 0;

  const Source* next(const GraphNode& node) {
    const std::size_t inputs = node.inputSources.size();
    for (; list < inputs + node.paramSources.size(); ++list, entry = 0) {
      const auto& sources = list < inputs ? node.inputSources[list] : node.paramSources[list - inputs];
      if (entry < sources.size()) return &sources[entry++];
    }
    return nullptr;
  }
};

}  // namespace

Order orderNodes(const Graph& graph) {
  const auto& nodes = graph.nodes();
  Order order;
  order.places.reserve(graph.size());
  order.muted.assign(nodes.size(), 0);
  std::vector<std::uint32_t> index(nodes.size(), kUnseen), low(nodes.size(), 0);
  std::vector<char> onStack(nodes.size(), 0);
  std::vector<std::uint32_t> stack;
  std::vector<Walk> walks;
  std::uint32_t counter = 0;
  stack.reserve(graph.size());
  walks.reserve(graph.size());

  const auto enter = [&](std::uint32_t place) {
    index[place] = low[place] = counter++;
    stack.push_back(place);
    onStack[place] = 1;
    walks.push_back({place});
  };

  for (std::uint32_t root = 0; root < nodes.size(); ++root) {
    if (!nodes[root] || index[root] != kUnseen) continue;
    enter(root);
    while (!walks.empty()) {
      const std::uint32_t place = walks.back().place;
      if (const Source* source = walks.back().next(*nodes[place])) {
        if (source->node == place) order.muted[place] = 1;
        if (index[source->node] == kUnseen) {
          enter(source->node);
        } else if (onStack[source->node]) {
          low[place] = std::min(low[place], index[source->node]);
        }
        continue;
      }
      walks.pop_back();
      if (!walks.empty()) low[walks.back().place] = std::min(low[walks.back().place], low[place]);
      if (low[place] != index[place]) continue;
      const bool cycle = stack.back() != place;
      for (std::uint32_t member = kUnseen; member != place;) {
        member = stack.back();
        stack.pop_back();
        onStack[member] = 0;
        if (cycle) order.muted[member] = 1;
        order.places.push_back(member);
      }
    }
  }
  return order;
}

}  // namespace backline::render
