#include "ipc/connection.h"
#include "session/session_end.h"

namespace backline::session {

namespace {
constexpr auto kFlushInterval = 2 * kj::MILLISECONDS;
constexpr std::size_t kReleasedAtOnce = 64;
}  // namespace

SessionEnd::SessionEnd(kj::UnixEventPort& events, std::shared_ptr<SessionChannel> channel, const SessionOptions& options,
                       const SessionInfo& info, transport::PageReader<ipc::SessionStatus> status,
                       transport::SharedMemory costs, SessionOutput output)
    : events_(events),
      channel_(std::move(channel)),
      status_(std::move(status)),
      costs_(std::move(costs)),
      blackBox_(transport::SharedMemory::map(blackBoxMemory_.fd().duplicate())),
      mirror_(info.sampleRate, info.quantum),
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
  for (auto& waiting : std::exchange(waitingForSession_, {})) waiting->fulfill();
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
  std::optional<std::string> end;
  std::vector<std::byte> message;
  try {
    while (!end && !failed_) {
      const auto result = notices_.read(message);
      if (result == transport::BlockReader::Result::corrupt) throw render::RecordError("the notice ring is corrupt");
      if (result == transport::BlockReader::Result::none) break;
      feedMirror();   // first what it answers to
      for (render::NoticeRecord& notice : render::decodeNotices(message)) {
        mirror_.hear(notice);
        if (const auto* failed = std::get_if<render::SessionFailed>(&notice.body)) end = failed->reason;
        else if (!std::holds_alternative<render::Started>(notice.body)) notices.push_back(std::move(notice));
      }
    }
  } catch (const std::exception& error) {
    end = std::string("The render host sent nonsense: ") + error.what();
  }
  if (!notices.empty()) channel_->say(std::move(notices));
  if (end) fail(*end);
}

ipc::SessionStatus SessionEnd::statusNow() const {
  ipc::SessionStatus status{};
  status_.read(status);
  return status;
}

ipc::SessionStatus SessionEnd::feedMirror() {
  const ipc::SessionStatus status = statusNow();
  feedMirror(channel_->takeForMirror(), status.frame);
  return status;
}

void SessionEnd::feedMirror(const std::vector<std::vector<std::byte>>& batches, std::uint64_t frame) {
  try {
    for (const std::vector<std::byte>& batch : batches) {
      const std::vector<render::CommandRecord> records = render::decodeCommands(batch);
      mirror_.take(records, frame);
      for (const render::CommandRecord& record : records) {
        if (!std::holds_alternative<render::ReleaseResource>(record.body)) continue;
        if (released_.insert(record.target).second) ++releasedLately_;
      }
    }
  } catch (const render::RecordError& error) {
    return fail(error.what());
  }
  if (releasedLately_ > kReleasedAtOnce) forgetBindings();
}

void SessionEnd::tend() {
  if (failed_) return;
  readNotices();
  const ipc::SessionStatus status = feedMirror();
  mirror_.served(status.servedSequence);
  mirror_.forgetBefore(status.frame);
  if (!released_.empty()) forgetBindings();
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
