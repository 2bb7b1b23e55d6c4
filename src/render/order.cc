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

namespace {

class Components {
 public:
  Components(const Graph& graph, const Connections& connections) : graph_(graph), connections_(connections), visits_(graph.nodes().size()) {
    stack_.reserve(graph.size());
    walks_.reserve(graph.size());
  }

  /// Walks everything that feeds the nodes, not through the inputs of those that are `cut`. Calls `found(members, cycle)` for every
  /// component, sources first.
  template <class Found>
  void run(const std::vector<char>& cut, Found&& found) {
    const auto& nodes = graph_.nodes();
    std::fill(visits_.begin(), visits_.end(), Visit{});
    counter_ = 0;
    for (std::uint32_t root = 0; root < nodes.size(); ++root) {
      if (!nodes[root] || visits_[root].index != kUnseen) continue;
      enter(root, cut);
      while (!walks_.empty()) step(cut, found);
    }
  }

 private:
  static constexpr std::uint32_t kUnseen = 0xffffffff;
  struct Visit {
    std::uint32_t index = kUnseen, low = 0;
    bool onStack = false, hearsItself = false;
  };
  struct Walk {
    std::uint32_t place;
    const Source* next;
    const Source* end;
  };

  void enter(std::uint32_t place, const std::vector<char>& cut) {
    visits_[place] = {counter_, counter_, true, false};
    ++counter_;
    stack_.push_back(place);
    std::span<const Source> sources = connections_.into(place);
    // Parameters follow the inputs.
    if (!cut.empty() && cut[place]) {
      std::size_t inputs = 0;
      for (std::uint32_t i = 0; i < graph_.nodes()[place]->inputs; ++i) inputs += connections_.list(place, i).size();
      sources = sources.subspan(inputs);
    }
    walks_.push_back({place, sources.data(), sources.data() + sources.size()});
  }

  template <class Found>
  void step(const std::vector<char>& cut, Found& found) {
    Walk& walk = walks_.back();
    const std::uint32_t place = walk.place;
    Visit& visit = visits_[place];
    if (walk.next != walk.end) {
      const std::uint32_t source = (walk.next++)->node;
      if (source == place) visit.hearsItself = true;
      if (visits_[source].index == kUnseen) {
        enter(source, cut);
      } else if (visits_[source].onStack) {
        visit.low = std::min(visit.low, visits_[source].index);
      }
      return;
    }
    walks_.pop_back();
    if (!walks_.empty()) {
      Visit& above = visits_[walks_.back().place];
      above.low = std::min(above.low, visit.low);
    }
    if (visit.low != visit.index) return;
    std::size_t first = stack_.size() - 1;
    while (stack_[first] != place) --first;
    const std::span<const std::uint32_t> members(stack_.data() + first, stack_.size() - first);
    for (const std::uint32_t member : members) visits_[member].onStack = false;
    found(members, members.size() > 1 || visit.hearsItself);
    stack_.resize(first);
  }

  const Graph& graph_;
  const Connections& connections_;
  std::vector<Visit> visits_;
  std::vector<std::uint32_t> stack_;
  std::vector<Walk> walks_;
  std::uint32_t counter_ = 0;
};

}  // namespace

Order orderNodes(const Graph& graph, const Connections& connections) {
  const auto& nodes = graph.nodes();
  Order order;
  order.steps.reserve(graph.size());
  order.muted.assign(nodes.size(), 0);
  Components components(graph, connections);
  std::vector<char> cut;
  components.run(cut, [&](std::span<const std::uint32_t> members, bool cycle) {
    for (auto member = members.rbegin(); member != members.rend(); ++member) {
      order.steps.push_back({*member, Part::whole});
      if (!cycle) continue;
      order.muted[*member] = 1;
      if (!nodes[*member]->declaration->breaksCycles) continue;
      cut.resize(nodes.size());
      cut[*member] = 1;
    }
  });
  if (cut.empty()) return order;

  order.steps.clear();
  order.muted.assign(nodes.size(), 0);
  components.run(cut, [&](std::span<const std::uint32_t> members, bool cycle) {
    for (auto member = members.rbegin(); member != members.rend(); ++member) {
      order.steps.push_back({*member, cut[*member] ? Part::output : Part::whole});
      if (cycle) order.muted[*member] = 1;
    }
  });
  for (std::uint32_t place = 0; place < nodes.size(); ++place)
    if (cut[place]) order.steps.push_back({place, Part::input});
  return order;
}

}  // namespace backline::render
