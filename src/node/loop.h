#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <napi.h>

namespace backline::node {

/// The way into Node's event loop: tasks that run on the environment's thread, each in a task of its own (promise reactions run between
/// them). Keeps the loop alive only while it is held. Closed when the environment ends; what comes later is dropped.
class Loop {
 public:
  explicit Loop(Napi::Env env);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// [any thread]
  void post(std::function<void()> task);
  /// Counts who needs the loop alive. [main]
  void hold();
  void release();
  /// No task runs any more. [main]
  void close();

 private:
  static void run(napi_env env, napi_value, void*, void* data);

  napi_env env_;
  napi_threadsafe_function function_ = nullptr;
  int holders_ = 0;
  std::shared_ptr<std::atomic<bool>> closed_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace backline::node
