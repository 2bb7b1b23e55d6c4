#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "render/graph.h"

namespace backline::render {

/// The connections of a graph laid out flat, by the node they lead into: first its inputs' lists, then its parameters'. Made once a
/// compile, so that every pass over them runs through memory in order.
class Connections {
 public:
  explicit Connections(const Graph& graph);

  /// Everything that a node hears.
  std::span<const Source> into(std::uint32_t place) const { return between(firstList_[place], firstList_[place + 1]); }
  /// One input's or parameter's list; parameters follow the inputs.
  std::span<const Source> list(std::uint32_t place, std::uint32_t index) const {
    return between(firstList_[place] + index, firstList_[place] + index + 1);
  }
  std::size_t sources() const { return sources_.size(); }
  std::size_t lists() const { return firstSource_.size() - 1; }

 private:
  std::span<const Source> between(std::uint32_t first, std::uint32_t last) const {
    return {sources_.data() + firstSource_[first], firstSource_[last] - firstSource_[first]};
  }
  std::vector<std::uint32_t> firstList_;     // by place, one more at the end
  std::vector<std::uint32_t> firstSource_;   // by list, one more at the end
  std::vector<Source> sources_;
};

struct Order {
  struct Step {
    std::uint32_t place;
    Part part;
  };
  std::vector<Step> steps;     ///< every node after all that it hears; a cycle breaker's output before, its input at the end
  std::vector<char> muted;     ///< by place: in a cycle that nothing breaks
};

/// Web Audio's order (rendering a graph, steps 4–8): nodes that break cycles and stand in one are done in two halves, what still goes
/// round is muted. Tarjan's strongly connected components (R. Tarjan, 1972), without recursion. [compile]
Order orderNodes(const Graph& graph, const Connections& connections);

}  // namespace backline::render
