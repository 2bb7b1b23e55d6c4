#pragma once

#include <memory>
#include <span>
#include <unordered_map>

#include "render/executor.h"
#include "render/graph.h"
#include "render/notice_queue.h"
#include "render/records.h"
#include "render/transaction.h"
#include "render/worklet_scope.h"

namespace backline::render {

struct CompilerConfig {
  float sampleRate = 48000;
  std::uint32_t quantum = kDefaultQuantum;
  WorkletRuntimeFactory worklets;   ///< empty: AddModule answers with an error
  std::function<void()> wake = {};  ///< has the render thread serve the worklets soon, should it sleep [any thread]
  BlackBox* blackBox = nullptr;     ///< null: nobody else sees what the worklets run; outlives the compiler and the executor
  Watchdog* watchdog = nullptr;     ///< null: nobody watches how long the worklets' calls take; outlives the compiler
  bool live = false;                ///< a clock waits for what is rendered: what takes long to be made may come later than its node
};

/// Turns command records into transactions: the compile half of a session, the same in the render host and in process.
/// A batch is checked and applied to the graph here; only then does the render thread hear of it, as one transaction.
/// Thread safety: one thread, the session's compile thread.
class Compiler {
 public:
  /// `say` gets this side's notices and those of the render thread, in order.
  Compiler(const CompilerConfig& config, Executor& executor, NoticeQueue& notices, NoticeSink say);
  ~Compiler();

  /// Adds data that commands will name. Throws RecordError if the id is taken.
  void bind(ResourceId id, std::shared_ptr<Resource> resource);

  /// Takes one whole batch. Throws RecordError, after which the session must end; nothing of the batch reaches the render thread.
  void takeBatch(std::span<const CommandRecord> batch);
  /// Hands what was taken to the render thread. False if its queue is full: call again after it has run. Throws RecordError, after
  /// which the session must end, if the graph has become larger than a plan may be.
  bool submit();
  /// Passes notices on, frees what came back.
  void housekeep();
  /// Before the render thread is waited for: nothing that a debugger has stopped stays so.
  void release() { worklets_.release(); }
  /// Whether nodes stay only until their tails are over: lookForTails() and submit() now and then remove them.
  bool awaitsTails() const { return awaitsTails_; }
  void lookForTails() { collectable_ |= awaitsTails_; }

  /// Offline only: what StartRendering and SuspendAt in the batches taken asked for.
  std::vector<StartRendering> takeStarts() { return std::exchange(starts_, {}); }
  std::vector<SuspendAt> takeSuspends() { return std::exchange(suspends_, {}); }

  const Graph& graph() const { return graph_; }

 private:
  void take(const Commit&, const CommandRecord&) {}
  void take(const CreateNode& command, const CommandRecord& record);
  void take(const CreateWorkletNode& command, const CommandRecord& record);
  void take(const ReleaseNode& command, const CommandRecord& record);
  void take(const Connect& command, const CommandRecord& record);
  void take(const Disconnect& command, const CommandRecord& record);
  void take(const ConnectParam& command, const CommandRecord& record);
  void take(const DisconnectParam& command, const CommandRecord& record);
  void take(const SetChannelRules& command, const CommandRecord& record);
  void take(const SetField& command, const CommandRecord& record);
  void take(const SetSchedule& command, const CommandRecord& record);
  void take(const ParamEvent& command, const CommandRecord& record);
  void take(const ParamCancel& command, const CommandRecord& record);
  void take(const ParamRate& command, const CommandRecord& record);
  void take(const SetParamValue& command, const CommandRecord& record);
  void take(const CreatePeriodicWave& command, const CommandRecord& record);
  void take(const CreateCurve& command, const CommandRecord& record);
  void take(const ReleaseResource& command, const CommandRecord& record);
  void take(const AddModule& command, const CommandRecord& record);
  void take(const PortMessage& command, const CommandRecord& record);
  void take(const SetRunning& command, const CommandRecord& record);
  void take(const CloseSession& command, const CommandRecord& record);
  void take(const ResumePlaying& command, const CommandRecord& record);
  void take(const StartRendering& command, const CommandRecord&) { starts_.push_back(command); }
  void take(const SuspendAt& command, const CommandRecord&) { suspends_.push_back(command); }

  GraphNode& addNode(NodeId id, const NodeDeclaration& declaration, std::uint32_t inputs, std::uint32_t outputs,
                     std::span<const ParamDeclaration> params, const ChannelRules& rules);
  RenderNode& paramOwner(NodeId id, std::uint32_t param);
  void drain();
  void hear(std::uint32_t target, Notice notice);
  void push(RenderNode& node, auto op) { pending_->ops.push_back({&node, std::move(op)}); }

  const CompilerConfig config_;
  Executor& executor_;
  NoticeQueue& notices_;
  NoticeSink say_;
  WorkletScope worklets_;   // outlives the nodes, whose processors are its
  Graph graph_;
  std::unordered_map<ResourceId, std::shared_ptr<Resource>> resources_;
  std::unique_ptr<Transaction> pending_;
  std::vector<StartRendering> starts_;
  std::vector<SuspendAt> suspends_;
  NodeId destination_ = 0;
  std::uint64_t executorSequence_ = 0;   // of the last transaction handed over
  bool structureChanged_ = false;
  bool collectable_ = false;
  bool awaitsTails_ = false;
};

}  // namespace backline::render
