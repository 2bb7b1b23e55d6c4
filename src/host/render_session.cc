#include "host/render_session.h"

#include <cmath>

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

}  // namespace

class RenderSession::Errors final : public kj::TaskSet::ErrorHandler {
 public:
  explicit Errors(RenderSession& session) : session_(session) {}
  void taskFailed(kj::Exception&& exception) override { session_.fail(ipc::errorText(exception)); }

 private:
  RenderSession& session_;
};

RenderSession::RenderSession(kj::UnixEventPort& events, SessionParts parts, const render::WorkletRuntimeFactory& worklets, render::Watchdog& watchdog)
    : events_(events),
      parts_(std::move(parts)),
      spoke_(transport::NotifyFd::create()),
      notices_(std::move(parts_.notices)),
      ring_(parts_.ends.ring.memory().fd().duplicate()),
      executor_({parts_.config.sampleRate, parts_.config.quantum, parts_.config.channels, parts_.config.firstFrame}, queue_),
      commandObserver_(events, parts_.commandNotify.fd().get(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      spokeObserver_(events, spoke_.fd().get(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      errorHandler_(kj::heap<Errors>(*this)),
      tasks_(*errorHandler_) {
  compiler_ = std::make_unique<render::Compiler>(render::CompilerConfig{parts_.config.sampleRate, parts_.config.quantum, worklets,
                                                                        [this] { parts_.refill.signal(); }, parts_.blackBox.get(), &watchdog, true},
                                                 executor_, queue_, [this](std::uint32_t target, render::Notice notice) { say(target, std::move(notice)); });
  thread_ = std::make_unique<RenderThread>(parts_.config, executor_, queue_, std::move(parts_.ends), parts_.refill, spoke_);
  priority_ = thread_->priority();
  tasks_.add(watchCommands());
  tasks_.add(watchRenderThread());
  readCommands();   // what was written before we listened
}

RenderSession::~RenderSession() noexcept {
  compiler_->release();
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
    endMove();
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
  return ipc::takeFdIf(params.hasMemory(), params.getMemory()).then([this, id, channels, length, sampleRate](transport::Fd fd) {
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
  fds.add(ipc::takeFdIf(params.hasMemory(), params.getMemory()));
  fds.add(ipc::takeFdIf(params.hasAnswers(), params.getAnswers()));
  fds.add(ipc::takeFdIf(params.hasNotify(), params.getNotify()));
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

kj::Promise<void> RenderSession::setOutput(SetOutputContext context) {
  const auto params = context.getParams();
  const std::uint32_t callbackFrames = params.getCallbackFrames();
  const double deviceLatency = params.getDeviceLatency();
  return ipc::takeFdIf(params.hasRing(), params.getRing()).then([this, callbackFrames, deviceLatency](transport::Fd fd) {
    auto moved = kj::newPromiseAndFulfiller<void>();
    try {
      beginMove(std::move(fd), callbackFrames, deviceLatency);
    } catch (const std::exception& error) {
      kj::throwFatalException(ipc::callError(std::string("setOutput: ") + error.what()));
    }
    moving_ = kj::mv(moved.fulfiller);
    parts_.refill.signal();
    return kj::mv(moved.promise);
  });
}

void RenderSession::beginMove(transport::Fd fd, std::uint32_t callbackFrames, double deviceLatency) {
  using transport::TransportError;
  if (failed_) throw TransportError("the session has failed");
  if (moving_ != nullptr) throw TransportError("the move before is still under way");
  if (!fd) throw TransportError("ring: the descriptor is missing");
  if (!std::isfinite(deviceLatency)) throw TransportError("deviceLatency must be finite");
  auto move = std::make_unique<RenderMove>();
  move->ring = transport::RingWriter(transport::SharedMemory::map(fd.duplicate()));
  move->unread = transport::RingReader(transport::SharedMemory::map(ring_.duplicate()));
  const transport::RingFormat &before = move->unread.format(), &after = move->ring.format();
  if (after.channels != before.channels || after.sampleRate != before.sampleRate || after.overflow != before.overflow)
    throw TransportError("ring: its channels, rate and overflow are not the session's");
  if (after.capacityFrames < before.capacityFrames)
    throw TransportError("ring: it holds " + std::to_string(after.capacityFrames) + " frames, less than the " + std::to_string(before.capacityFrames) + " of the one before");
  move->callbackFrames = callbackFrames;
  move->deviceLatency = deviceLatency;
  nextRing_ = std::move(fd);
  thread_->move(std::move(move));
}

void RenderSession::endMove() {
  if (!thread_ || !thread_->takeMoved()) return;
  ring_ = std::move(nextRing_);
  KJ_IF_MAYBE(moving, moving_) { (*moving)->fulfill(); }
  moving_ = nullptr;
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
  compiler_->release();
  thread_.reset();
  KJ_IF_MAYBE(moving, moving_) { (*moving)->reject(ipc::callError("setOutput: the session has failed: " + reason)); }
  moving_ = nullptr;
  say(0, render::SessionFailed{reason});
}

}  // namespace backline::host
