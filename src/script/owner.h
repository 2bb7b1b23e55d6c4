#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "render/worklet.h"
#include "script/inspector_hub.h"
#include "script/realm.h"

namespace backline::script {

/// Owns what one Node environment has of this room: every realm opened in it is closed before the environment ends, whoever still
/// holds it, because an isolate that outlives its platform takes the process down. [any thread]
class Owner : public std::enable_shared_from_this<Owner> {
 public:
  Owner(node::MultiIsolatePlatform& platform, const Limits& limits) : platform_(platform), limits_(limits) {}

  const std::shared_ptr<SharedBuffers>& shared() const { return shared_; }
  /// For the SharedArrayBuffers of sessions of another process; none before.
  void setPool(std::shared_ptr<SharedPool> pool);
  const Limits& limits() const { return limits_; }
  /// The realms that are opened from now on can be debugged over this socket. Throws std::runtime_error if they cannot be.
  void inspect(transport::Fd socket);
  /// For sessions of this process (`sameProcess`: SharedArrayBuffers pass their ports) or of another.
  render::WorkletRuntimeFactory factory(bool sameProcess);
  /// Null once closed.
  std::shared_ptr<Realm> open(const render::WorkletConfig& config, bool sameProcess);
  /// Afterwards runtimes, old and new, only answer that they are closed.
  void close();

 private:
  node::MultiIsolatePlatform& platform_;
  const Limits limits_;
  const std::shared_ptr<SharedBuffers> shared_ = std::make_shared<SharedBuffers>();
  std::mutex mutex_;
  std::shared_ptr<SharedPool> pool_;
  std::shared_ptr<InspectorHub> hub_;
  bool closed_ = false;
  std::vector<std::weak_ptr<Realm>> realms_;
};

}  // namespace backline::script
