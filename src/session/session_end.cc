#include "ipc/connection.h"
#include "session/remote_session.h"

namespace backline::session {

namespace {
constexpr auto kFlushInterval = 2 * kj::MILLISECONDS;
constexpr std::size_t kRecordsAFold = 4096;
}  // namespace

SessionEnd::SessionEnd(kj::UnixEventPort& events, std::shared_ptr<SessionChannel> channel, const SessionOptions& options,
                       const SessionInfo& info, transport::PageReader<ipc::SessionStatus> status, render::BlackBoxReader blackBox,
                       SessionOutput output)
    : events_(events),
      channel_(std::move(channel)),
      status_(std::move(status)),
      blackBox_(std::move(blackBox)),
      mirror_(info.sampleRate),
      notices_(transport::SharedMemory::map(channel_->noticeMemory().fd().duplicate())),
      options_(options),
      info_(info),
      output_(std::move(output)),
      noticeObserver_(events, channel_->noticeNotify().fd().get(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      requestObserver_(events, channel_->requestNotify().fd().get(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      channelObserver_(events, channel_->ioNotify().fd().get(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      errors_(*this),
      tasks_(errors_) {
  tasks_.add(watchNotices());
  tasks_.add(watchRequests());
  tasks_.add(watchChannel());
}

void SessionEnd::Errors::taskFailed(kj::Exception&& exception) {
  // That a helper has gone is said by whoever watches it, with how it ended.
  if (exception.getType() != kj::Exception::Type::DISCONNECTED) end_.fail(ipc::errorText(exception));
}

void SessionEnd::attach(ipc::RenderSession::Client session) {
  if (failed_) return;
  session_ = kj::mv(session);
  for (auto& waiting : waitingForSession_) waiting->fulfill();
  waitingForSession_.clear();
}

kj::Promise<void> SessionEnd::whenAttached() {
  if (session_ != nullptr) return kj::READY_NOW;
  auto waiting = kj::newPromiseAndFulfiller<void>();
  waitingForSession_.push_back(kj::mv(waiting.fulfiller));
  return kj::mv(waiting.promise);
}

void SessionEnd::bindStream(render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends) {
  tasks_.add(whenAttached().then([this, id, kind, ends = std::move(ends)]() mutable {
    auto request = KJ_ASSERT_NONNULL(session_).bindStreamRequest();
    request.setId(id);
    request.setKind(static_cast<std::uint32_t>(kind));
    request.setOwnClock(ends.ownClock);
    request.setMemory(ipc::describe(std::move(ends.memory)));
    if (ends.answers) request.setAnswers(ipc::describe(std::move(ends.answers)));
    if (ends.notify) request.setNotify(ipc::describe(std::move(ends.notify)));
    return request.send().then([this](auto&&) { channel_->release(); });
  }));
}

void SessionEnd::bindBuffer(render::ResourceId id, std::uint32_t channels, std::uint64_t length, float sampleRate, transport::Fd memory) {
  tasks_.add(whenAttached().then([this, id, channels, length, sampleRate, memory = std::move(memory)]() mutable {
    auto request = KJ_ASSERT_NONNULL(session_).bindBufferRequest();
    request.setId(id);
    request.setChannels(channels);
    request.setLength(length);
    request.setSampleRate(sampleRate);
    request.setMemory(ipc::describe(std::move(memory)));
    return request.send().then([this](auto&&) { channel_->release(); });
  }));
}

void SessionEnd::resetLatency() {
  KJ_IF_MAYBE(output, output_.output) { tasks_.add(output->resetLatencyRequest().send().ignoreResult()); }
}

void SessionEnd::fail(const std::string& reason) {
  if (failed_) return;
  failed_ = true;
  session_ = nullptr;
  lossWatch_ = nullptr;
  output_.output = nullptr;
  channel_->close();
  channel_->say({{0, 0, render::SessionFailed{reason}}});
}

void SessionEnd::loseHost(const std::string& how) {
  const std::optional<render::Whereabouts> verdict = blackBox_.read().verdict;
  if (!verdict) return fail(how);
  const std::string processor = mirror_.nameOf(verdict->node).processor;
  fail(how + ": " + render::nameOf(verdict->phase) + (processor.empty() ? "" : " of '" + processor + "'") + " ran without end and could not be terminated");
}

kj::Promise<void> SessionEnd::watchNotices() {
  return noticeObserver_.whenBecomesReadable().then([this] {
    channel_->noticeNotify().drain();
    readNotices();
    return watchNotices();
  });
}

// The control thread itself reads what was asked.
kj::Promise<void> SessionEnd::watchRequests() {
  return requestObserver_.whenBecomesReadable().then([this] {
    channel_->requestNotify().drain();
    channel_->wake();
    return watchRequests();
  });
}

kj::Promise<void> SessionEnd::watchChannel() {
  return channelObserver_.whenBecomesReadable().then([this] {
    channel_->ioNotify().drain();
    feedMirror();
    flush();
    return watchChannel();
  });
}

void SessionEnd::readNotices() {
  if (failed_) return;
  std::vector<render::NoticeRecord> notices;
  std::vector<std::byte> message;
  try {
    for (;;) {
      const auto result = notices_.read(message);
      if (result == transport::BlockReader::Result::corrupt) throw render::RecordError("the notice ring is corrupt");
      if (result == transport::BlockReader::Result::none) break;
      for (render::NoticeRecord& notice : render::decodeNotices(message)) {
        mirror_.hear(notice);
        notices.push_back(std::move(notice));
      }
    }
  } catch (const std::exception& error) {
    fail(std::string("The render host sent nonsense: ") + error.what());
  }
  if (!notices.empty()) channel_->say(std::move(notices));
}

void SessionEnd::feedMirror() {
  for (const std::vector<std::byte>& batch : channel_->takeForMirror()) {
    const std::vector<render::CommandRecord> records = render::decodeCommands(batch);
    mirror_.take(records);
    recordsSinceFold_ += records.size();
  }
  ipc::SessionStatus status;
  if (recordsSinceFold_ < kRecordsAFold || !status_.read(status)) return;
  recordsSinceFold_ = 0;
  mirror_.forgetBefore(status.frame);
}

void SessionEnd::flush() {
  if (flushing_ || failed_ || channel_->flush()) return;
  flushing_ = true;
  tasks_.add(events_.getTimer().afterDelay(kFlushInterval).then([this] {
    flushing_ = false;
    flush();
  }));
}

}  // namespace backline::session
