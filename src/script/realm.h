#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "render/worklet.h"
#include "script/entry.h"
#include "script/isolate.h"
#include "script/message.h"
#include "script/modules.h"
#include "script/ports.h"
#include "script/rejections.h"
#include "script/termination.h"

namespace backline::script {

class Inspector;
class InspectorHub;
class Seat;

/// The functions that the bootstrap scripts leave for C++.
enum class Helper { makeException, makePort, deliver, deliverError, deliverClose, construct, process, classOf, dueTimer, fireTimer, endTimers, makeMemory, stage, settle };
inline constexpr std::size_t kHelpers = 14;

/// One AudioWorkletGlobalScope: an isolate, its context, and what lives in them.
///
/// Invariants: 1. whoever touches anything here is inside an Entry, of which there is one thread at a time; 2. `close` may come from
/// any thread at any time outside an Entry, and afterwards no Entry opens; 3. every handle is dropped before the isolate goes.
class Realm {
 public:
  /// `hub`: of those who debug it; null: nobody can.
  Realm(node::MultiIsolatePlatform& platform, const Limits& limits, const render::WorkletConfig& config,
        std::shared_ptr<SharedBuffers> shared, std::shared_ptr<SharedPool> pool, std::shared_ptr<InspectorHub> hub);
  ~Realm();

  /// Terminates what runs, waits for the thread that is inside, ends the isolate. [any thread]
  void close();
  bool closing() const { return closing_.load(std::memory_order_relaxed); }

  static Realm& from(v8::Local<v8::Context> context);
  v8::Isolate* isolate() const { return own_->get(); }
  v8::Local<v8::Context> context() const { return context_.Get(own_->get()); }
  v8::Local<v8::Function> helper(Helper which) const {
    return helpers_[static_cast<std::size_t>(which)].Get(own_->get());
  }
  const render::WorkletConfig& config() const { return config_; }
  CloneScope cloneScope() const { return {context(), shared_.get(), helper(Helper::makeException), pool_.get(), helper(Helper::makeMemory)}; }
  SharedBuffers* shared() const { return shared_.get(); }
  /// The memory of SharedArrayBuffers in messages that do not leave the scope.
  SharedBuffers& here() const { return *here_; }
  /// What SharedArrayBuffers and pipes that reach another process lie in; null where nothing does.
  SharedPool* pool() const { return pool_.get(); }
  Ports& ports() { return ports_; }
  /// The scope's own (AudioWorkletGlobalScope.port).
  std::uint32_t scopePort() const { return scopePort_; }
  Modules& modules() { return modules_; }
  Rejections& rejections() { return rejections_; }
  Termination& termination() { return termination_; }
  /// Null: it cannot be debugged.
  Inspector* inspector() const { return inspector_.get(); }
  /// Of the thread that is inside.
  render::Lane& lane() const { return rendering_ ? config_.blackBox->render : config_.blackBox->compile; }
  /// From here on, what is run, and what microtasks come of it, is `node`'s.
  void runFor(render::NodeId node);
  /// Whose code the microtask that runs comes of, as V8 tells; else `caller`, after whose call it runs; else the only node's. 0: unknown.
  render::NodeId microtaskOwner(render::NodeId caller) const;
  /// The node's processor falls silent, with processorerror, and gets no more messages.
  void fail(render::NodeId node, const Termination::Sentence& sentence);
  /// Held, outside every Entry, while a thread works for the isolate without its lock; `close` waits for it.
  std::mutex& aside() { return aside_; }
  /// Set by the render thread while it keeps an Entry open for a whole quantum, so that no processor has to open its own. [render]
  bool& rendering() { return rendering_; }
  const std::vector<std::unique_ptr<Seat>>& seats() const { return seats_; }
  Seat* enter(std::unique_ptr<Seat> seat);
  void leave(const Seat* seat);
  /// Whether there are seats. [any thread]
  bool populated() const { return populated_.load(std::memory_order_acquire); }

  /// What the scope's currentFrame and currentTime say.
  void setTime(std::uint64_t frame, float sampleRate);
  /// Timers that are due at that time.
  void runTimers();
  /// When the scope was made: what performance.now() counts from.
  std::chrono::steady_clock::time_point origin() const { return origin_; }
  /// Microtasks, then rejections that nobody handled. `node`: whose call they follow, if one's alone.
  void checkpoint(render::NodeId node = 0);
  /// Tasks of V8's own, each with its checkpoint; true if one ran.
  bool runTasks();
  /// Something will still come of V8's background threads or timers.
  bool waitsForTasks() const;
  /// While nothing is rendered: as WorkletRuntime::nextTask.
  int nextTask();
  /// registerProcessor() succeeded.
  void registered(const std::string& name, std::vector<render::ProcessorParam> params);
  /// From here to settle(), registerProcessor() takes names that are taken, and what it registers is known to construct alone.
  void stage();
  /// What has been registered since takes its names, or, unless it is kept, never was.
  void settle(bool keep);
  bool isStaged(const std::string& name) const { return staged_ && staged_->contains(name); }
  /// Of a registered processor, of the staged class if there is one; empty if the name is unknown.
  std::vector<render::ProcessorParam> params(const std::string& name) const;
  /// "Report an exception": to the console, with the processor that it concerns.
  void report(const render::ScriptError& error);
  /// The error; if nothing told its place, with the place of the class that is registered as `name`.
  render::ScriptError placed(render::ScriptError error, const std::string& name) const;

  /// While it lives, what is reported concerns a processor that is registered as `name`. Nests.
  class Speaker {
   public:
    Speaker(Realm& realm, const std::string& name) : realm_(realm), before_(std::exchange(realm.speaker_, &name)) {}
    ~Speaker() { realm_.speaker_ = before_; }

   private:
    Realm& realm_;
    const std::string* const before_;
  };

 private:
  friend class Entry;
  void bootstrap();
  void endRound();

  const render::WorkletConfig config_;
  const std::shared_ptr<SharedBuffers> shared_;
  const std::shared_ptr<SharedBuffers> here_;
  const std::shared_ptr<SharedPool> pool_;
  std::shared_ptr<void> listening_;   ///< to the bell
  std::shared_ptr<void> reading_;     ///< tickets of the pool
  std::recursive_mutex gate_;   ///< held inside every Entry; makes `close` safe, which a Locker alone does not
  std::mutex aside_;
  std::mutex closeMutex_;
  std::atomic<bool> closing_{false};
  std::unique_ptr<OwnIsolate> own_;   ///< null once closed
  v8::Global<v8::Context> context_;
  std::array<v8::Global<v8::Function>, kHelpers> helpers_;
  bool rendering_ = false;
  const std::string* speaker_ = nullptr;
  std::shared_ptr<v8::BackingStore> clock_;   ///< three doubles: frame, time, the frame at which a timer is due
  const std::chrono::steady_clock::time_point origin_ = std::chrono::steady_clock::now();
  Ports ports_{*this};
  std::uint32_t scopePort_ = 0;
  Modules modules_;
  Rejections rejections_;
  Termination termination_{*this};
  std::unique_ptr<Inspector> inspector_;
  using Registered = std::unordered_map<std::string, std::vector<render::ProcessorParam>>;
  Registered processors_;
  std::optional<Registered> staged_;   ///< between stage() and settle()
  std::vector<std::unique_ptr<Seat>> seats_;
  std::atomic<bool> populated_{false};
};

}  // namespace backline::script
