#pragma once

#include <kj/async-io.h>
#include <kj/async-unix.h>

#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <variant>

#include "ipc/connection.h"
#include "session/engine.h"
#include "transport/notify_fd.h"

namespace backline::session {

/// The program's I/O thread: one KJ loop beside whatever loop the program has. Everything of Cap'n Proto lives and dies on it.
/// Thread safety: any thread may ask it; what is asked runs on it, in order.
class IoThread {
 public:
  IoThread();
  /// Does what was asked before, then ends.
  ~IoThread();

  /// Runs `f(io)` on the thread and waits for its result, or that of the promise it returns. Throws EngineError with what
  /// went wrong there. [any other thread]
  template <class F>
  auto sync(F&& f) {
    using Result = Promised<std::invoke_result_t<F&, kj::AsyncIoContext&>>;
    using Value = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;
    // What went wrong crosses as text: an exception object would be shared between the threads.
    std::promise<std::variant<Value, Refusal>> answer;
    auto answered = answer.get_future();
    post([&](kj::AsyncIoContext& io, kj::TaskSet& tasks) {
      auto refuse = [&answer](kj::Exception&& exception) { answer.set_value(Refusal{ipc::errorText(exception)}); };
      if constexpr (std::is_void_v<Result>) {
        tasks.add(call<void>(f, io).then([&answer] { answer.set_value(std::monostate()); }, std::move(refuse)));
      } else {
        tasks.add(call<Result>(f, io).then([&answer](Result&& result) { answer.set_value(std::move(result)); }, std::move(refuse)));
      }
    });
    std::variant<Value, Refusal> outcome = answered.get();
    if (const Refusal* refusal = std::get_if<Refusal>(&outcome)) throw EngineError(refusal->text);
    if constexpr (!std::is_void_v<Result>) return std::move(std::get<Value>(outcome));
  }
  /// [any thread]
  bool isThisThread() const { return thread_.get_id() == std::this_thread::get_id(); }
  /// Runs `f(io)` on the thread some time; `f` sees to its own failures. [any thread]
  void async(std::function<void(kj::AsyncIoContext&)> f);
  /// The same with the promise that it gives, which is seen through. [any thread]
  void begin(std::function<kj::Promise<void>(kj::AsyncIoContext&)> f);

 private:
  struct Refusal {
    std::string text;
  };
  template <class T>
  struct Unwrap {
    using Type = T;
  };
  template <class T>
  struct Unwrap<kj::Promise<T>> {
    using Type = T;
  };
  template <class T>
  using Promised = typename Unwrap<T>::Type;

  template <class Result, class F>
  static kj::Promise<Result> call(F& f, kj::AsyncIoContext& io) {
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<F&, kj::AsyncIoContext&>>) {
        f(io);
        return kj::READY_NOW;
      } else {
        return f(io);
      }
    } catch (kj::Exception& exception) {
      return kj::mv(exception);
    } catch (const std::exception& exception) {
      return ipc::callError(exception.what());
    }
  }

  using Task = std::function<void(kj::AsyncIoContext&, kj::TaskSet&)>;

  void post(Task task);
  void run();
  kj::Promise<void> serve(kj::UnixEventPort::FdObserver& asked, kj::AsyncIoContext& io, kj::TaskSet& tasks);
  bool runTasks(kj::AsyncIoContext& io, kj::TaskSet& tasks);

  const transport::NotifyFd asked_ = transport::NotifyFd::create();
  std::mutex mutex_;   // guards tasks_, ending_
  std::deque<Task> tasks_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace backline::session
