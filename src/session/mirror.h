#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "render/graph.h"
#include "render/records.h"
#include "session/played.h"

namespace backline::session {

/// What a node is called.
struct NodeName {
  const char* type = "";    ///< the interface; empty: there is no such node
  std::string processor;    ///< of an AudioWorkletNode
};

/// What a session's render side would be told if it had to be built anew: a fold over all commits and notices, which keeps what still
/// matters and forgets the rest. Knows nothing of JavaScript objects; lives on the program's I/O thread.
/// Invariant: a render side whose first frame is F and that gets `rebuild(bound, F)` sounds from there on like one that got every batch,
/// but for what nodes with a memory (delays, filters, processors) had in it, and for signals connected to the parameters of sources, which
/// count as silent until F. A source goes on from where Started says that it started; of one that was not heard of, start() still comes.
/// Buffers and streams are no records but descriptors, which the mirror does not hold: `resources()` says which ones the nodes need,
/// whoever builds anew binds those it still has, under the same ids, and names them to `rebuild()`. A field that names another one is
/// left out, and its node is built as if it had never been set: silent, but there.
/// Thread safety: one thread.
class Mirror {
 public:
  explicit Mirror(float sampleRate, std::uint32_t quantum = render::kDefaultQuantum) : sampleRate_(sampleRate), quantum_(quantum) {}

  /// `frame`: as far as the session is known to have come when the batch is given; what it changes of a source's pace counts from there.
  void take(std::span<const render::CommandRecord> batch, std::uint64_t frame = 0);
  void hear(const render::NoticeRecord& notice);
  /// Lets go of automation that lies before `frame`, at which a quantum begins, so that the mirror of a long session stays small. Everything
  /// that was applied before has been taken, and heard.
  void forgetBefore(std::uint64_t frame);
  /// The processor of a worklet node is not made again: the node stays, with what leads to it and from it, and is silent.
  void silence(render::NodeId id);

  /// One batch (with its Commit) that builds everything: waves and curves, modules, nodes, fields, automation, schedules, connections, state.
  /// Its sequence is that of the last batch taken. `frame`: the first of the render side that gets it, no earlier than any rendered of the
  /// one before, whose place it takes: what is heard from now on is heard of the new one.
  std::vector<std::byte> rebuild(const std::set<render::ResourceId>& bound, std::uint64_t frame);
  /// The buffers and streams that fields name, with what they must be.
  std::map<render::ResourceId, render::ResourceKind> resources() const;

  /// Whether the last batch left the session running.
  bool wantsToRun() const { return running_.running != 0 && !closed_; }
  /// Messages of batches up to this one have reached their processors: they are not sent again.
  void served(std::uint64_t sequence);
  /// It is evaluated no more.
  void forgetModule(std::uint32_t request) { modules_.erase(request); }

  NodeName nameOf(render::NodeId id) const;
  std::size_t nodes() const { return nodes_.size(); }
  std::size_t recorded() const { return recorded_.size(); }
  std::uint64_t sequence() const { return sequence_; }

 private:
  struct Node {
    render::Command create;
    render::ChannelRules rules;
    std::map<std::uint32_t, double> fields;
    std::map<std::uint32_t, RecordedParam> params;
    std::optional<render::Schedule> schedule;
    std::optional<Played> played;   // a source that has been heard to start, and not to end
    bool silenced = false;
  };
  using Say = std::function<void(std::uint32_t target, render::Command command)>;

  void add(const render::CommandRecord& record, const render::NodeDeclaration& declaration, std::uint32_t inputs, std::uint32_t outputs,
           std::size_t params, const render::ChannelRules& rules);
  void take(const render::CommandRecord& record, std::uint64_t frame);
  RecordedParam& param(render::NodeId id, std::uint32_t index, std::uint64_t frame);
  Node& at(render::NodeId id);
  void setField(render::NodeId id, const render::SetField& set);
  void dropRecorded(render::ResourceId id);
  void hearOfModule(std::uint32_t request, bool succeeded);
  void collect();
  void advance(Node& node, std::uint64_t frame) const;
  bool isThere(const render::FieldDeclaration& field, double value, const std::set<render::ResourceId>& bound) const;
  void sayNode(render::NodeId id, const Node& node, const std::set<render::ResourceId>& bound, const Say& say) const;
  void saySource(render::NodeId id, Node& node, const std::set<render::ResourceId>& bound, std::uint64_t frame, const Say& say);
  void sayConnections(const Say& say) const;

  /// A resource that came as a record.
  struct Recorded {
    render::Command create;
    std::uint32_t holders = 0;   // fields that name it
    bool released = false;
  };

  const float sampleRate_;
  const std::uint32_t quantum_;
  render::Graph graph_;
  std::map<render::NodeId, Node> nodes_;             // by id, which is by age
  std::map<render::ResourceId, Recorded> recorded_;
  std::map<std::uint32_t, render::AddModule> modules_;   // by request; one that has replaced another stands in its place
  struct Sent {
    std::uint64_t sequence;
    render::NodeId node;   // 0: the scope
    render::PortMessage message;
  };
  std::deque<Sent> messages_;   // that no processor may have had yet
  render::SetRunning running_;
  bool closed_ = false;
  bool collectable_ = false;   // a node may have become unheard
  std::uint64_t sequence_ = 0;
};

}  // namespace backline::session
