#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "script/instance.h"

namespace backline::script {

/// The place of one node's processor in its realm: what it is made of, the instance that plays and, for the length of a crossfade, the one
/// whose place it took. Inside an Entry, but for `renewed`.
class Seat {
 public:
  /// `params`: of the node, in the order in which process() gets their values. Empty until `take`.
  Seat(Realm& realm, render::NodeId node, const render::ProcessorOptions& options, std::span<const render::ProcessorParam> params);
  ~Seat();

  render::NodeId node() const { return node_; }
  const std::string& name() const { return options_.name; }   ///< as registered
  /// Of the instance that plays; messages for the node go there.
  std::uint32_t port() const { return playing_->port(); }

  /// "Invoking processor constructor" of the class that has the name now, with the processor that plays, if it did not fail, as the second
  /// argument. Null with the error if it threw or was terminated. [compile]
  std::unique_ptr<Instance> construct(render::ScriptError& error);
  /// `next` plays from the next quantum on, faded in over kFadeSeconds if another one plays, and gets the messages that were not delivered
  /// yet. [compile]
  void take(std::unique_ptr<Instance> next);

  render::ProcessorResult process(const render::ProcessorArgs& args);
  /// It is called no more, and what it held may go. Says processorError, once.
  void fail(const render::ScriptError& error);
  /// What had failed has a successor since the last call. [any thread]
  bool renewed() noexcept { return renewed_.exchange(false, std::memory_order_relaxed); }

  static constexpr double kFadeSeconds = 0.01;

 private:
  struct Fade;
  render::ProcessorResult crossfade(const render::ProcessorArgs& args);
  void takeBack(const render::ProcessorArgs& args);
  void endFade();
  void sayFailed(const render::ScriptError& error);

  Realm& realm_;
  const render::NodeId node_;
  const render::ProcessorOptions options_;
  const std::vector<render::ProcessorParam> params_;
  std::unique_ptr<Instance> playing_;
  std::unique_ptr<Fade> fade_;    ///< while there is one
  std::unique_ptr<Fade> spent_;   ///< freed when the next one comes: not on the render thread
  bool failed_ = false;
  std::atomic<bool> renewed_{false};
};

/// Ends what Realm::stage began: every processor whose name has another class gets a successor, and the names take the classes; or, if a
/// constructor fails, nothing has changed. Inside an Entry. [compile]
bool seatSuccessors(Realm& realm, render::ScriptError& error);

}  // namespace backline::script
