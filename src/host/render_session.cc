#include "host/render_session.h"

#include "host/mapped_buffer.h"
#include "ipc/connection.h"
#include "render/streams.h"
#include "transport/error.h"

namespace backline::host {

namespace {

/// Commands compiled into one transaction at most; keeps a burst from holding up the render thread.
constexpr int kMessagesATransaction = 256;
constexpr auto kFlushInterval = 2 * kj::MILLISECONDS;
constexpr auto kTailInterval = 200 * kj::MILLISECONDS;

/// None for a descriptor that the message leaves out: whoever needs it says so by name.
kj::Promise<transport::Fd> takeIf(bool there, ipc::Descriptor::Client descriptor) {
  if (!there) return transport::Fd();
  return ipc::takeFd(kj::mv(descriptor));
}

}  // namespace

class RenderSession::Errors final : public kj::TaskSet::ErrorHandler {
 public:
  explicit Errors(RenderSession& session) : session_(session) {}
  void taskFailed(kj::Exception&& exception) override { session_.fail(ipc::errorText(exception)); }

 private:
  RenderSession& session_;
};

RenderSession::RenderSession(kj::UnixEventPort& events, SessionParts parts, const render::WorkletRuntimeFactory& worklets)
    : events_(events),
      parts_(std::move(parts)),
      spoke_(transport::NotifyFd::create()),
      notices_(std::move(parts_.notices)),
      executor_({parts_.config.sampleRate, parts_.config.quantum, parts_.config.channels}, queue_),
      commandObserver_(events, parts_.commandNotify.fd().get(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      spokeObserver_(events, spoke_.fd().get(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      errorHandler_(kj::heap<Errors>(*this)),
      tasks_(*errorHandler_) {
  compiler_ = std::make_unique<render::Compiler>(render::CompilerConfig{parts_.config.sampleRate, parts_.config.quantum, worklets,
                                                                        [this] { parts_.refill.signal(); }},
                                                 executor_, queue_, [this](std::uint32_t target, render::Notice notice) { say(target, std::move(notice)); });
  thread_ = std::make_unique<RenderThread>(parts_.config, executor_, queue_, std::move(parts_.ends), parts_.refill, spoke_);
  priority_ = thread_->priority();
  tasks_.add(watchCommands());
  tasks_.add(watchRenderThread());
  readCommands();   // what was written before we listened
}

RenderSession::~RenderSession() noexcept {
  thread_.reset();
  compiler_.reset();
}

kj::Promise<void> RenderSession::watchCommands() {
  return commandObserver_.whenBecomesReadable().then([this] {
    readCommands();
    return watchCommands();
  });
}

kj::Promise<void> RenderSession::watchRenderThread() {
  return spokeObserver_.whenBecomesReadable().then([this] {
    spoke_.drain();
    compiler_->housekeep();
    readCommands();   // goes on where a full queue stopped it
    return watchRenderThread();
  });
}

void RenderSession::watchTails() {
  if (watchingTails_ || failed_ || !compiler_->awaitsTails()) return;
  watchingTails_ = true;
  tasks_.add(events_.getTimer().afterDelay(kTailInterval).then([this] {
    watchingTails_ = false;
    compiler_->lookForTails();
    readCommands();
  }));
}

void RenderSession::readCommands() {
  parts_.commandNotify.drain();
  if (failed_) return;
  try {
    std::vector<std::byte> message;
    for (;;) {
      if (!compiler_->submit()) {   // full: the render thread will have spoken when there is room
        parts_.refill.signal();
        return;
      }
      int taken = 0;
      for (; taken < kMessagesATransaction; ++taken) {
        const auto result = parts_.commands.read(message);
        if (result == transport::BlockReader::Result::corrupt) throw render::RecordError("the command ring is corrupt");
        if (result == transport::BlockReader::Result::none) break;
        compiler_->takeBatch(render::decodeCommands(message));
      }
      const bool submitted = compiler_->submit();
      parts_.refill.signal();
      compiler_->housekeep();
      watchTails();
      if (!submitted || taken < kMessagesATransaction) return;
    }
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

kj::Promise<void> RenderSession::bindBuffer(BindBufferContext context) {
  const auto params = context.getParams();
  const std::uint32_t id = params.getId(), channels = params.getChannels();
  const std::uint64_t length = params.getLength();
  const float sampleRate = params.getSampleRate();
  return takeIf(params.hasMemory(), params.getMemory()).then([this, id, channels, length, sampleRate](transport::Fd fd) {
    try {
      if (!fd) throw transport::TransportError("memory: the descriptor is missing");
      compiler_->bind(id, std::make_shared<MappedBuffer>(transport::SharedMemory::map(std::move(fd)), channels, length, sampleRate));
    } catch (const std::exception& error) {
      kj::throwFatalException(ipc::callError("bindBuffer " + std::to_string(id) + ": " + error.what()));
    }
  });
}

kj::Promise<void> RenderSession::bindStream(BindStreamContext context) {
  const auto params = context.getParams();
  auto fds = kj::heapArrayBuilder<kj::Promise<transport::Fd>>(3);
  fds.add(takeIf(params.hasMemory(), params.getMemory()));
  fds.add(takeIf(params.hasAnswers(), params.getAnswers()));
  fds.add(takeIf(params.hasNotify(), params.getNotify()));
  const std::uint32_t id = params.getId();
  const auto kind = static_cast<render::ResourceKind>(params.getKind());
  const bool ownClock = params.getOwnClock();
  return kj::joinPromises(fds.finish()).then([this, id, kind, ownClock](kj::Array<transport::Fd> fds) {
    try {
      compiler_->bind(id, render::makeStream(kind, {std::move(fds[0]), std::move(fds[1]), std::move(fds[2]), ownClock}));
    } catch (const std::exception& error) {
      kj::throwFatalException(ipc::callError("bindStream " + std::to_string(id) + ": " + error.what()));
    }
  });
}

void RenderSession::say(std::uint32_t target, render::Notice notice) {
  std::vector<std::byte> message;
  render::encode(message, render::NoticeRecord{target, ++noticeSequence_, std::move(notice)});
  const bool sent = notices_.send(std::move(message));
  parts_.noticeNotify.signal();
  if (!sent) flushNotices();
}

void RenderSession::flushNotices() {
  if (flushing_) return;
  flushing_ = true;
  tasks_.add(events_.getTimer().afterDelay(kFlushInterval).then([this] {
    flushing_ = false;
    const bool sent = notices_.flush();
    parts_.noticeNotify.signal();
    if (!sent) flushNotices();
  }));
}

void RenderSession::fail(const std::string& reason) {
  if (failed_) return;
  failed_ = true;
  thread_.reset();
  say(0, render::SessionFailed{reason});
}

}  // namespace backline::host
