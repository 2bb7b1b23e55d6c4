#include "session/io_thread.h"

#include <pthread.h>
#include <signal.h>

namespace backline::session {

namespace {

/// Failures reach whoever asked; what is left is nobody's.
class Ignored final : public kj::TaskSet::ErrorHandler {
  void taskFailed(kj::Exception&&) override {}
};

}  // namespace

IoThread::IoThread() : thread_([this] { run(); }) {}

IoThread::~IoThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  asked_.signal();
  thread_.join();
}

void IoThread::async(std::function<void(kj::AsyncIoContext&)> f) {
  post([f = std::move(f)](kj::AsyncIoContext& io, kj::TaskSet& tasks) { tasks.add(call<void>(f, io)); });
}

void IoThread::begin(std::function<kj::Promise<void>(kj::AsyncIoContext&)> f) {
  post([f = std::move(f)](kj::AsyncIoContext& io, kj::TaskSet& tasks) { tasks.add(call<void>(f, io)); });
}

void IoThread::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  asked_.signal();
}

void IoThread::run() {
  pthread_setname_np(pthread_self(), "backline-io");
  // Signals are the program's, to be handled on its threads; writes to a dead peer are errors here, not signals.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  auto io = kj::setupAsyncIo();
  Ignored ignored;
  kj::TaskSet tasks(ignored);
  kj::UnixEventPort::FdObserver asked(io.unixEventPort, asked_.fd().get(), kj::UnixEventPort::FdObserver::OBSERVE_READ);
  serve(asked, io, tasks).wait(io.waitScope);
}

kj::Promise<void> IoThread::serve(kj::UnixEventPort::FdObserver& asked, kj::AsyncIoContext& io, kj::TaskSet& tasks) {
  return asked.whenBecomesReadable().then([&, this]() -> kj::Promise<void> {
    asked_.drain();
    if (!runTasks(io, tasks)) return kj::READY_NOW;
    return serve(asked, io, tasks);
  });
}

bool IoThread::runTasks(kj::AsyncIoContext& io, kj::TaskSet& tasks) {
  for (;;) {
    Task task;
    {
      const std::lock_guard lock(mutex_);
      if (tasks_.empty()) return !ending_;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task(io, tasks);
  }
}

}  // namespace backline::session
