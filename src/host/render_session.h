#pragma once

#include <kj/async-unix.h>
#include <kj/timer.h>

#include <memory>

#include "host/render_thread.h"
#include "ipc/backline.capnp.h"
#include "render/compiler.h"
#include "transport/block_stream.h"

namespace backline::host {

/// What one session is made of, as the program passed it.
struct SessionParts {
  RenderThreadConfig config;
  transport::BlockReader commands;
  transport::NotifyFd commandNotify;
  transport::MessageWriter notices;
  transport::NotifyFd noticeNotify;
  RenderThreadEnds ends;
  transport::NotifyFd refill;
  std::unique_ptr<render::BlackBox> blackBox;
};

/// One session in the render host: reads its commands, compiles them, sends its notices. Lives as long as the program holds the
/// capability. A record that is refused ends the session with a SessionFailed notice, and nothing else. [io]
class RenderSession final : public ipc::RenderSession::Server {
 public:
  RenderSession(kj::UnixEventPort& events, SessionParts parts, const render::WorkletRuntimeFactory& worklets, render::Watchdog& watchdog);
  ~RenderSession() noexcept;

  /// The render thread's, under SCHED_FIFO; 0 if it is an ordinary one.
  int priority() const { return priority_; }

 protected:
  kj::Promise<void> bindBuffer(BindBufferContext context) override;
  kj::Promise<void> bindStream(BindStreamContext context) override;
  kj::Promise<void> setOutput(SetOutputContext context) override;

 private:
  kj::Promise<void> watchCommands();
  kj::Promise<void> watchRenderThread();
  void beginMove(transport::Fd ring, std::uint32_t callbackFrames, double deviceLatency);
  void endMove();
  void readCommands();
  void watchTails();
  void submit();
  void say(std::uint32_t target, render::Notice notice);
  void flushNotices();
  void fail(const std::string& reason);

  kj::UnixEventPort& events_;
  SessionParts parts_;
  transport::NotifyFd spoke_;
  transport::MessageWriter notices_;
  std::uint64_t noticeSequence_ = 0;
  int priority_ = 0;
  bool flushing_ = false;
  bool watchingTails_ = false;
  bool failed_ = false;
  transport::Fd ring_, nextRing_;   // the output's, and the one that the render thread is to take
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> moving_;

  render::NoticeQueue queue_;
  render::Executor executor_;
  std::unique_ptr<render::Compiler> compiler_;
  std::unique_ptr<RenderThread> thread_;

  kj::UnixEventPort::FdObserver commandObserver_, spokeObserver_;
  class Errors;
  kj::Own<kj::TaskSet::ErrorHandler> errorHandler_;
  kj::TaskSet tasks_;
};

}  // namespace backline::host
