#include "session/io_thread.h"

#include <pthread.h>
#include <signal.h>

#include "ipc/connection.h"

namespace backline::session {

IoThread::IoThread() {
  std::promise<void> started;
  thread_ = std::thread([this, &started] {
    pthread_setname_np(pthread_self(), "backline-io");
    // Signals are the program's, to be handled on its threads; writes to a dead peer are errors here, not signals.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    auto io = kj::setupAsyncIo();
    io_ = &io;
    executor_ = kj::getCurrentThreadExecutor().addRef();
    auto end = kj::newPromiseAndCrossThreadFulfiller<void>();
    end_ = kj::mv(end.fulfiller);
    started.set_value();
    end.promise.wait(io.waitScope);
  });
  started.get_future().wait();
}

IoThread::~IoThread() {
  end_->fulfill();
  thread_.join();
}

void IoThread::async(std::function<void(kj::AsyncIoContext&)> f) {
  try {
    executor_->executeSync([&] {
      kj::evalLater([this, f = std::move(f)] { f(*io_); }).detach([](kj::Exception&&) {});
    });
  } catch (const kj::Exception& exception) {
    throw EngineError(text(exception));
  }
}

std::string IoThread::text(const kj::Exception& exception) { return ipc::errorText(exception); }

}  // namespace backline::session
