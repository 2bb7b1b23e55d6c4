#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "ipc/backline.capnp.h"

namespace backline::session {

/// Whom the program wants told that devices changed. Thread safety: any thread.
class DevicesChanged {
 public:
  void set(std::function<void()> changed) {
    const std::lock_guard lock(mutex_);
    changed_ = std::move(changed);
  }
  bool wanted() const {
    const std::lock_guard lock(mutex_);
    return changed_ != nullptr;
  }
  void say() const {
    std::function<void()> changed;
    {
      const std::lock_guard lock(mutex_);
      changed = changed_;
    }
    if (changed) changed();
  }

 private:
  mutable std::mutex mutex_;
  std::function<void()> changed_;
};

/// The watch at one audio server, as long as that server runs. [io]
class DeviceWatch {
 public:
  explicit DeviceWatch(std::shared_ptr<const DevicesChanged> changed) : changed_(std::move(changed)) {}

  /// Resolves when the server watches, at once if it does already. `told` is called at every change, before the program is told of it. A server
  /// that is not the first one says so at once: nobody saw what changed between the two.
  kj::Promise<void> begin(ipc::AudioServer::Client server, std::function<void()> told);
  void end() { begun_ = nullptr; }

 private:
  const std::shared_ptr<const DevicesChanged> changed_;
  kj::Maybe<kj::ForkedPromise<ipc::DeviceWatch::Client>> begun_;
  bool watchedBefore_ = false;
};

}  // namespace backline::session
