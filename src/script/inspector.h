#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "script/inspector_hub.h"
#include "script/v8_inspector.h"

namespace backline::script {

class Realm;

/// Lets debuggers look into one realm. What they say is done on whatever thread is inside the realm: the render thread at the beginning of a
/// quantum, and the one that a breakpoint has stopped as long as it stands there. Such a stretch counts as Phase::paused in its lane.
/// Inside an Entry, unless said otherwise.
class Inspector final : private v8_inspector::V8InspectorClient, private InspectorHub::Target {
 public:
  Inspector(Realm& realm, std::shared_ptr<InspectorHub> hub);
  ~Inspector() override;

  /// What has come from the debuggers since.
  void serve();
  bool waits() const { return waiting_.load(std::memory_order_acquire); }
  /// From here on nothing stops, and what stands at a breakpoint goes on. [any thread]
  void release() noexcept;

 private:
  class Session;
  void take(InspectorHub::Message message) override;   // [the hub's thread]
  void runMessageLoopOnPause(int group) override;
  void quitMessageLoopOnPause() override { paused_ = false; }
  v8::Local<v8::Context> ensureDefaultContextInGroup(int group) override;
  double currentTimeMS() override;
  void handle(InspectorHub::Message& message);
  void end(std::uint32_t channel);

  Realm& realm_;
  const std::shared_ptr<InspectorHub> hub_;
  std::unique_ptr<v8_inspector::V8Inspector> inspector_;
  std::map<std::uint32_t, std::unique_ptr<Session>> sessions_;   // by channel
  std::vector<std::unique_ptr<Session>> ended_;   // that may be in the middle of a message
  int depth_ = 0;
  bool paused_ = false;
  std::atomic<bool> waiting_{false};
  std::mutex mutex_;   // guards what follows
  std::condition_variable came_;
  std::vector<InspectorHub::Message> messages_;
  bool released_ = false;
  std::uint32_t number_ = 0;   // the hub's; last, when everything else is there
};

}  // namespace backline::script
