#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "session/session.h"

namespace backline {

class AudioNode;

/// The control side of one session: ids, the open batch, the way of notices to objects. Shared by a context and its nodes; inert once shut.
/// Thread safety: one control thread. [control]
class SessionLink {
 public:
  explicit SessionLink(std::unique_ptr<session::Session> session);
  ~SessionLink();

  /// What it plays on is what it plays on now.
  const session::SessionInfo& info() const { return info_; }
  /// The session's; after shut() the last one.
  session::Timing timing() const;
  /// The part of a quantum's duration that rendering a node takes, of 1; 0 where it is not known (session::Session::costOf).
  double costOf(render::NodeId node) const;
  /// Seconds.
  double currentTime() const;

  render::NodeId newNodeId() { return ++lastNode_; }
  render::ResourceId newResourceId() { return ++lastResource_; }
  std::uint32_t newRequest() { return ++lastRequest_; }

  /// Adds a record to the open batch; the first one of a batch calls onFirstChange. Dropped once stopped.
  void send(std::uint32_t target, render::Command command);
  /// As send, for what is in no hurry and may come from a garbage collector: asks for a dispatch() instead of calling onFirstChange.
  void sendLazily(std::uint32_t target, render::Command command);
  /// Throws RangeError if there is no memory for the snapshot.
  void shareBuffer(render::ResourceId id, float sampleRate, std::uint64_t length,
                   std::span<const float* const> channels);
  /// Gives the render side its end of a stream. Throws NotSupportedError with what is wrong.
  void bindStream(render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends);
  /// Tells the session that the blocks of an exchange up to `sequence` have their answers.
  void answered(render::ResourceId exchange, std::uint64_t sequence);
  /// `round` is called in every dispatchOne(), to queue tasks for what has come by other ways than notices; empty: no more.
  void onRound(render::NodeId id, std::function<void()> round);
  void commit();
  /// As session::Session::moveOutput; `done` is called by dispatchOne(), when info() is up to date.
  void moveOutput(const std::string& device, std::function<void(const session::OutputMoved&)> done);
  /// `tell` is called when the session plays on another device without having been told to; info() is up to date. Set once by the context.
  void onOutputChanged(std::function<void(const session::OutputChanged&)> tell) { outputChanged_ = std::move(tell); }
  /// `tell` is called after every move; empty: not any more.
  void onMove(const void* who, std::function<void()> tell);
  /// Everything sent from now on is dropped: the context was closed.
  void stopSending() { stopped_ = true; }
  /// Lets go of all nodes, and keeps none any more: the render side has nothing more to say of its own accord.
  void settle();
  /// Ends the session and lets go of all nodes.
  void shut();
  bool isShut() const { return !session_; }
  session::Session* session() { return session_.get(); }

  /// Notices for `id` go to `node` until detach().
  void attach(render::NodeId id, AudioNode* node) { nodes_[id] = node; }
  void detach(render::NodeId id) { nodes_.erase(id); }
  /// Keeps a node that the render side may still speak of, until letGo().
  void keep(std::shared_ptr<AudioNode> node);
  void letGo(render::NodeId id);
  bool keeps(render::NodeId id) const { return kept_.contains(id); }

  /// Asks for a dispatchOne() by the hook given to onWake. [any thread]
  void wake() { waker_->wake(); }
  /// A task of its own, after those queued before.
  void queueTask(std::function<void()> task);
  /// A task of its own, before all that are queued.
  void queueNext(std::function<void()> task);
  bool hasTasks() const { return !tasks_.empty(); }
  /// Commits, takes notices and runs one task. True if more are waiting.
  bool dispatchOne();
  /// Sleeps until there may be something to dispatch. False after `seconds`.
  bool wait(double seconds);

  /// What puts a task here from any thread, and may outlive this.
  std::function<void(std::function<void()>)> poster() const;
  /// `tell` is called when the session ends; empty: not any more.
  void atEnd(const void* who, std::function<void()> tell);

  /// Called at the first change of a batch, to have commit() called soon.
  void onFirstChange(std::function<void()> hook);
  /// Called, on any thread, when dispatchOne() should be.
  void onWake(std::function<void()> hook);
  /// Takes what is addressed to no node. Set once by the context.
  void onContextNotice(std::function<void(render::NoticeRecord&)> handler) { contextNotice_ = std::move(handler); }

 private:
  /// What the session's thread may touch: outlives the session.
  struct Waker {
    std::mutex mutex;
    std::condition_variable changed;
    bool awake = false;
    std::function<void()> hook;
    std::vector<std::function<void()>> posted;
    void wake();
  };

  void append(std::uint32_t target, render::Command&& command);
  void route(render::NoticeRecord& notice);
  void moved(const session::SessionInfo& info);

  std::unique_ptr<session::Session> session_;
  session::SessionInfo info_;
  session::Timing lastTiming_;
  std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();
  std::vector<std::byte> batch_;
  std::uint32_t records_ = 0;
  std::uint64_t sequence_ = 1;
  bool announced_ = false;
  bool stopped_ = false;
  bool settled_ = false;
  std::uint32_t lastNode_ = 0, lastResource_ = 0, lastRequest_ = 0;
  std::unordered_map<render::NodeId, AudioNode*> nodes_;
  std::unordered_map<render::NodeId, std::shared_ptr<AudioNode>> kept_;
  std::unordered_map<render::NodeId, std::function<void()>> rounds_;
  std::deque<std::function<void()>> tasks_;
  std::map<const void*, std::function<void()>> atEnd_, onMove_;
  std::shared_ptr<SessionLink*> self_ = std::make_shared<SessionLink*>(this);   // for what comes back from another thread
  std::function<void()> firstChange_;
  std::function<void(render::NoticeRecord&)> contextNotice_;
  std::function<void(const session::OutputChanged&)> outputChanged_;
};

/// Names a node on the render side; the last holder's end releases it there. Held by the node, its params and the nodes
/// connected to it, so that a record never names a node that may be gone.
struct NodeHandle {
  NodeHandle(std::shared_ptr<SessionLink> itsLink, render::NodeId itsId) : link(std::move(itsLink)), id(itsId) {}
  NodeHandle(const NodeHandle&) = delete;
  NodeHandle& operator=(const NodeHandle&) = delete;
  ~NodeHandle() { link->sendLazily(id, render::ReleaseNode{}); }

  const std::shared_ptr<SessionLink> link;
  const render::NodeId id;
};

/// Names a resource of a session; releases it.
struct ResourceHandle {
  ResourceHandle(std::weak_ptr<SessionLink> itsLink, render::ResourceId itsId) : link(std::move(itsLink)), id(itsId) {}
  ResourceHandle(const ResourceHandle&) = delete;
  ResourceHandle& operator=(const ResourceHandle&) = delete;
  ~ResourceHandle() {
    if (auto open = link.lock()) open->sendLazily(id, render::ReleaseResource{});
  }

  const std::weak_ptr<SessionLink> link;
  const render::ResourceId id;
};

}  // namespace backline
