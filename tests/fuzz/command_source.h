#pragma once

#include <map>

#include "render/nodes/list.h"
#include "render/records.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/native_worklets.h"

namespace backline::fuzz {

/// Batches of commands as a program that makes sense of node types, but not of much else, would send them. What it chooses follows the
/// declarations, so that a new node type is reached without a line here.
class CommandSource {
 public:
  explicit CommandSource(Input& input) : input_(input) { add(newNode(render::kDestination), render::CreateNode{render::numberOf(render::kDestination), render::kDestination.channelRules}); }

  /// The next batch with its Commit.
  std::vector<render::CommandRecord> batch();
  /// A record so far named what was never there, or had been released: the render side may refuse it, and the mirror may have
  /// forgotten it already.
  bool wild() const { return wild_; }
  /// Resources that were bound beforehand, by kind.
  void bound(render::ResourceKind kind, render::ResourceId id) { resources_[kind].push_back(id); }

 private:
  struct Node {
    render::NodeId id;
    const render::NodeDeclaration* type;
    std::uint32_t inputs, outputs, params;
    bool released = false;
  };

  void add(std::uint32_t target, render::Command command) { records_.push_back({target, sequence_, std::move(command)}); }
  render::NodeId newNode(const render::NodeDeclaration& type) {
    nodes_.push_back({next_, &type, type.inputs, type.outputs, static_cast<std::uint32_t>(type.params.size())});
    return next_++;
  }
  Node& node();
  /// Mostly below `count`.
  std::uint32_t place(std::uint32_t count);
  render::ChannelRules rules();
  double time() { return input_.oneIn(8) ? input_.number() : input_.word<std::uint8_t>() * 0.001; }
  void one();
  void link(bool param, bool connect);
  void create();
  void createWorklet();
  void setField();
  void event();
  void wave();
  void curve();

  Input& input_;
  std::vector<Node> nodes_;
  std::map<render::ResourceKind, std::vector<render::ResourceId>> resources_;
  std::vector<render::ResourceId> waves_;
  std::vector<render::CommandRecord> records_;
  std::uint64_t sequence_ = 1;
  render::NodeId next_ = 1;
  render::ResourceId nextResource_ = 100;
  std::uint32_t generation_ = 0;
  bool wild_ = false;
};

}  // namespace backline::fuzz
