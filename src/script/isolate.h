#pragma once

#include <memory>

#include "script/compat.h"
#include "script/limits.h"
#include "script/tasks.h"

namespace backline::script {

/// An isolate of our own beside Node's, known to Node's platform. Made and destroyed on any thread; between, whoever
/// touches it holds a v8::Locker. At destruction no thread may be inside.
class OwnIsolate final : private node::IsolatePlatformDelegate {
 public:
  /// `wake`: V8 has put a task into `tasks`. [any thread]
  OwnIsolate(node::MultiIsolatePlatform& platform, const Limits& limits, std::function<void()> wake);
  ~OwnIsolate();
  OwnIsolate(const OwnIsolate&) = delete;
  OwnIsolate& operator=(const OwnIsolate&) = delete;

  v8::Isolate* get() const { return isolate_; }
  Tasks& tasks() { return *tasks_; }

 private:
  std::shared_ptr<v8::TaskRunner> GetForegroundTaskRunner() override { return tasks_; }
  bool IdleTasksEnabled() override { return false; }

  node::MultiIsolatePlatform& platform_;
  std::shared_ptr<Tasks> tasks_;
  v8::Isolate* isolate_;
};

}  // namespace backline::script
