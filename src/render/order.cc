#include "render/order.h"

#include <algorithm>

namespace backline::render {

Connections::Connections(const Graph& graph) {
  const auto& nodes = graph.nodes();
  firstList_.reserve(nodes.size() + 1);
  firstSource_.reserve(2 * nodes.size() + 1);
  sources_.reserve(2 * nodes.size());
  for (const auto& node : nodes) {
    firstList_.push_back(static_cast<std::uint32_t>(firstSource_.size()));
    if (!node) continue;
    for (const auto* lists : {&node->inputSources, &node->paramSources}) {
      for (const auto& list : *lists) {
        firstSource_.push_back(static_cast<std::uint32_t>(sources_.size()));
        sources_.insert(sources_.end(), list.begin(), list.end());
      }
    }
  }
  firstList_.push_back(static_cast<std::uint32_t>(firstSource_.size()));
  firstSource_.push_back(static_cast<std::uint32_t>(sources_.size()));
}

Order orderNodes(const Graph& graph, const Connections& connections) {
  constexpr std::uint32_t kUnseen = 0xffffffff;
  struct Visit {
    std::uint32_t index = kUnseen, low = 0;
    bool onStack = false;
  };
  struct Walk {
    std::uint32_t place;
    const Source* next;
    const Source* end;
  };
  const auto& nodes = graph.nodes();
  Order order;
  order.places.reserve(graph.size());
  order.muted.assign(nodes.size(), 0);
  std::vector<Visit> visits(nodes.size());
  std::vector<std::uint32_t> stack;
  std::vector<Walk> walks;
  stack.reserve(graph.size());
  walks.reserve(graph.size());
  std::uint32_t counter = 0;

  const auto enter = [&](std::uint32_t place) {
    visits[place] = {counter, counter, true};
    ++counter;
    stack.push_back(place);
    const std::span<const Source> sources = connections.into(place);
    walks.push_back({place, sources.data(), sources.data() + sources.size()});
  };

  for (std::uint32_t root = 0; root < nodes.size(); ++root) {
    if (!nodes[root] || visits[root].index != kUnseen) continue;
    enter(root);
    while (!walks.empty()) {
      Walk& walk = walks.back();
      const std::uint32_t place = walk.place;
      Visit& visit = visits[place];
      if (walk.next != walk.end) {
        const std::uint32_t source = (walk.next++)->node;
        if (source == place) order.muted[place] = 1;
        if (visits[source].index == kUnseen) {
          enter(source);
        } else if (visits[source].onStack) {
          visit.low = std::min(visit.low, visits[source].index);
        }
        continue;
      }
      walks.pop_back();
      if (!walks.empty()) {
        Visit& above = visits[walks.back().place];
        above.low = std::min(above.low, visit.low);
      }
      if (visit.low != visit.index) continue;
      const bool cycle = stack.back() != place;
      for (std::uint32_t member = kUnseen; member != place;) {
        member = stack.back();
        stack.pop_back();
        visits[member].onStack = false;
        if (cycle) order.muted[member] = 1;
        order.places.push_back(member);
      }
    }
  }
  return order;
}

}  // namespace backline::render
