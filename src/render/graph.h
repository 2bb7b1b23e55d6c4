#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "render/plan.h"
#include "render/render_node.h"

namespace backline::render {

/// One end of a connection, as the node it leads into sees it. Places are indices into Graph::nodes().
struct Source {
  std::uint32_t node;
  std::uint32_t output;
  bool operator==(const Source&) const = default;
};

/// A node as the compile thread knows it.
struct GraphNode {
  NodeId id = 0;
  const NodeDeclaration* declaration = nullptr;
  std::uint32_t inputs = 0, outputs = 0;
  ChannelRules rules;
  std::vector<std::vector<Source>> inputSources;   ///< one list an input
  std::vector<std::vector<Source>> paramSources;   ///< one list a parameter
  std::vector<std::uint32_t> outputChannelCount;   ///< worklets: of every output; empty: the one output follows the one input
  std::vector<Field> fields;                       ///< a twin of the render side's, for the compiler
  std::vector<std::shared_ptr<Resource>> resources;  ///< what the fields hold, by field
  std::unique_ptr<RenderNode> renderNode;          ///< goes with the transaction that removes the node
  mutable std::vector<std::uint32_t> reserved;     ///< channels that the last plan reserved, by output: the planner's note
  bool released = false;     ///< the program cannot reach it
  bool playing = false;      ///< a source with a start that has not ended, or a worklet whose processor still runs
  bool ended = false;        ///< a source that has played to its end
};

/// The graph as the commands describe it. Places are stable while a node lives and reused after; no render state.
/// Thread safety: the compile thread only.
class Graph {
 public:
  /// Throws RecordError if the id is taken.
  GraphNode& add(NodeId id, const NodeDeclaration& declaration, std::uint32_t inputs, std::uint32_t outputs, std::uint32_t params);
  /// One that a command may name. Throws RecordError if there is no such node, or if the program has released it.
  GraphNode& at(NodeId id);
  GraphNode* find(NodeId id);

  /// False if it was there already. Throws RecordError for an output, input or parameter that does not exist.
  bool connect(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t input);
  bool disconnect(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t input);
  bool connectParam(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t param);
  bool disconnectParam(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t param);

  /// Removes every node that the program cannot reach and nobody can hear any more (Web Audio §1.5.1.5): not playing, no tail sounding,
  /// and not downstream of a node that stays. Calls `removed` with each before it goes.
  template <class F>
  void collect(F&& removed) {
    const std::vector<std::uint32_t> gone = unheard();
    for (std::uint32_t place : gone) removed(*nodes_[place]);
    erase(gone);
  }

  /// By place; null where a node has gone.
  const std::vector<std::unique_ptr<GraphNode>>& nodes() const { return nodes_; }
  std::size_t size() const { return places_.size(); }
  /// Whether a node stays only for the tail that it sounds: collect() may find more when that is over.
  bool awaitsTails() const;

 private:
  std::vector<Source>& inputList(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t input);
  std::vector<Source>& paramList(NodeId source, std::uint32_t output, NodeId destination, std::uint32_t param);
  bool link(std::vector<Source>& list, NodeId source, std::uint32_t output);
  bool unlink(std::vector<Source>& list, NodeId source, std::uint32_t output);
  std::vector<std::uint32_t> unheard() const;
  void erase(const std::vector<std::uint32_t>& places);

  std::vector<std::unique_ptr<GraphNode>> nodes_;
  std::unordered_map<NodeId, std::uint32_t> places_;
  std::vector<std::uint32_t> free_;
};

}  // namespace backline::render
