#pragma once

#include <kj/async-io.h>

#include <functional>
#include <future>
#include <thread>

#include "session/engine.h"

namespace backline::session {

/// The program's I/O thread: one KJ loop beside whatever loop the program has. Everything of Cap'n Proto lives and dies on it.
class IoThread {
 public:
  IoThread();
  /// Runs `last` on the thread, then ends it.
  ~IoThread();

  /// Runs `f(io)` on the thread and waits for its result, or that of the promise it returns. Throws EngineError with what
  /// went wrong there. [any other thread]
  template <class F>
  auto sync(F&& f) {
    try {
      return executor_->executeSync([&]() { return f(*io_); });
    } catch (const kj::Exception& exception) {
      throw EngineError(text(exception));
    }
  }
  /// Runs `f(io)` on the thread some time. [any other thread]
  void async(std::function<void(kj::AsyncIoContext&)> f);

 private:
  static std::string text(const kj::Exception& exception);

  kj::AsyncIoContext* io_ = nullptr;   // on the thread's stack
  kj::Own<const kj::Executor> executor_;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> end_;
  std::thread thread_;
};

}  // namespace backline::session
