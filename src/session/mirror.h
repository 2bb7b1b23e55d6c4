#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "render/graph.h"
#include "render/records.h"

namespace backline::session {

/// What a node is called.
struct NodeName {
  const char* type = "";    ///< the interface; empty: there is no such node
  std::string processor;    ///< of an AudioWorkletNode
};

/// What a session's render side would be told if it had to be built anew: a fold over all commits and notices, which keeps what still
/// matters and forgets the rest. Knows nothing of JavaScript objects; lives on the program's I/O thread.
/// Invariant: a render side that gets `rebuild()` reaches the state of one that got every batch, but for messages delivered and
/// sources ended before.
/// Buffers and streams are no records but descriptors, which the mirror does not hold: `resources()` says which ones the nodes need,
/// whoever builds anew binds those it still has, under the same ids, and names them to `rebuild()`. A field that names another one is
/// left out, and its node is built as if it had never been set: silent, but there.
/// Thread safety: one thread.
class Mirror {
 public:
  explicit Mirror(float sampleRate) : sampleRate_(sampleRate) {}

  void take(std::span<const render::CommandRecord> batch);
  void hear(const render::NoticeRecord& notice);
  /// Folds automation that lies before `frame` into one value each, so that the mirror of a long session stays small.
  void forgetBefore(std::uint64_t frame);

  /// One batch (with its Commit) that builds everything: waves and curves, modules, nodes, fields, automation, schedules, connections, state.
  /// Its sequence is that of the last batch taken.
  std::vector<std::byte> rebuild(const std::set<render::ResourceId>& bound = {}) const;
  /// The buffers and streams that fields name, with what they must be.
  std::map<render::ResourceId, render::ResourceKind> resources() const;

  NodeName nameOf(render::NodeId id) const;
  std::size_t nodes() const { return nodes_.size(); }
  std::size_t recorded() const { return recorded_.size(); }
  std::uint64_t sequence() const { return sequence_; }

 private:
  struct Node {
    render::Command create;
    render::ChannelRules rules;
    std::map<std::uint32_t, double> fields;
    std::map<std::uint32_t, std::vector<render::ParamEvent>> events;   // by parameter, in playing order
    std::map<std::uint32_t, render::AutomationRate> rates;
    std::map<std::uint32_t, float> values;   // by parameter, as its setter left it
    render::Schedule schedule;
    bool scheduled = false;
  };

  void add(const render::CommandRecord& record, const render::NodeDeclaration& declaration, std::uint32_t inputs, std::uint32_t outputs,
           std::size_t params, const render::ChannelRules& rules);
  void take(const render::CommandRecord& record);
  Node& at(render::NodeId id);
  void setField(render::NodeId id, const render::SetField& set);
  void dropRecorded(render::ResourceId id);
  void collect();
  void cancel(std::vector<render::ParamEvent>& events, const render::ParamCancel& cancel) const;
  void fold(std::vector<render::ParamEvent>& events, std::uint64_t frame) const;

  /// A resource that came as a record.
  struct Recorded {
    render::Command create;
    std::uint32_t holders = 0;   // fields that name it
    bool released = false;
  };

  const float sampleRate_;
  render::Graph graph_;
  std::map<render::NodeId, Node> nodes_;             // by id, which is by age
  std::map<render::ResourceId, Recorded> recorded_;
  std::map<std::uint32_t, render::AddModule> modules_;
  render::SetRunning running_;
  bool closed_ = false;
  bool collectable_ = false;   // a node may have become unheard
  std::uint64_t sequence_ = 0;
};

}  // namespace backline::session
