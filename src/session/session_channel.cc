#include "session/session_channel.h"

namespace backline::session {

namespace {
constexpr std::uint32_t kRingBytes = 1 << 20;
}

SessionChannel::SessionChannel()
    : commandMemory_(transport::createBlockStream("backline-commands", kRingBytes)),
      noticeMemory_(transport::createBlockStream("backline-notices", kRingBytes)),
      commandNotify_(transport::NotifyFd::create()),
      noticeNotify_(transport::NotifyFd::create()),
      requestNotify_(transport::NotifyFd::create()),
      ioNotify_(transport::NotifyFd::create()),
      commands_(transport::SharedMemory::map(commandMemory_.fd().duplicate())) {}

void SessionChannel::commit(std::vector<std::byte> batch) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    forMirror_.push_back(batch);
    if (holds_ > 0 || renewed_) {
      held_.push_back(std::move(batch));
    } else {
      send(std::move(batch));
    }
  }
  ioNotify_.signal();
}

bool SessionChannel::send(std::vector<std::byte> batch) {
  const bool sent = commands_.send(std::move(batch));
  commandNotify_.signal();
  return sent;
}

void SessionChannel::hold() {
  const std::lock_guard lock(mutex_);
  ++holds_;
}

bool SessionChannel::holds() const {
  const std::lock_guard lock(mutex_);
  return holds_ > 0;
}

void SessionChannel::release() {
  const std::lock_guard lock(mutex_);
  --holds_;
  sendHeld();
}

/// Under mutex_.
void SessionChannel::sendHeld() {
  if (holds_ > 0 || renewed_ || closed_) return;
  while (!held_.empty()) {
    send(std::move(held_.front()));
    held_.pop_front();
  }
  ioNotify_.signal();
}

void SessionChannel::renew() {
  auto commands = transport::createBlockStream("backline-commands", kRingBytes);
  auto notices = transport::createBlockStream("backline-notices", kRingBytes);
  transport::MessageWriter writer(transport::SharedMemory::map(commands.fd().duplicate()));
  const std::lock_guard lock(mutex_);
  commandMemory_ = std::move(commands);
  noticeMemory_ = std::move(notices);
  if (closed_) return;
  commands_ = std::move(writer);
  renewed_ = true;
}

std::optional<std::vector<std::vector<std::byte>>> SessionChannel::takeForRebuild() {
  const std::lock_guard lock(mutex_);
  if (holds_ > 0) return {};
  held_.clear();
  return std::exchange(forMirror_, {});
}

void SessionChannel::resume(std::vector<std::byte> rebuilt) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  if (!rebuilt.empty()) send(std::move(rebuilt));
  renewed_ = false;
  sendHeld();
}

bool SessionChannel::flush() {
  const std::lock_guard lock(mutex_);
  if (closed_ || commands_.waitingBytes() == 0) return true;
  const bool sent = commands_.flush();
  commandNotify_.signal();
  return sent;
}

void SessionChannel::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  held_.clear();
  forMirror_.clear();
  commands_ = {};
}

std::vector<std::vector<std::byte>> SessionChannel::takeForMirror() {
  const std::lock_guard lock(mutex_);
  return std::exchange(forMirror_, {});
}

void SessionChannel::say(std::vector<render::NoticeRecord> notices) {
  {
    const std::lock_guard lock(mutex_);
    for (render::NoticeRecord& notice : notices) notices_.push_back(std::move(notice));
  }
  wake();
}

void SessionChannel::wake() {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    wake = wake_;
  }
  if (wake) wake();
}

std::vector<render::NoticeRecord> SessionChannel::takeNotices() {
  const std::lock_guard lock(mutex_);
  return std::exchange(notices_, {});
}

void SessionChannel::onNotice(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void SessionChannel::sayOutput(const OutputChanged& change) {
  std::function<void(OutputChanged)> changed;
  {
    const std::lock_guard lock(mutex_);
    changed = outputChanged_;
  }
  if (changed) changed(change);
}

void SessionChannel::onOutputChanged(std::function<void(OutputChanged)> changed) {
  const std::lock_guard lock(mutex_);
  outputChanged_ = std::move(changed);
}

}  // namespace backline::session
