#include "session/capture_end.h"

namespace backline::session {

namespace {
// The eventfd that tells of frames is the reader's alone, so the state is looked at.
constexpr auto kLookInterval = 100 * kj::MILLISECONDS;
}  // namespace

void CaptureLoss::tell(std::function<void(std::string)> lost) {
  std::unique_lock lock(mutex_);
  lost_ = std::move(lost);
  if (!lost_ || !reason_ || said_) return;
  said_ = true;
  const auto call = lost_;
  const std::string reason = *reason_;
  lock.unlock();
  call(reason);
}

void CaptureLoss::happen(const std::string& reason) {
  std::unique_lock lock(mutex_);
  if (reason_) return;
  reason_ = reason;
  if (!lost_) return;
  said_ = true;
  const auto call = lost_;
  lock.unlock();
  call(reason);
}

CaptureEnd::CaptureEnd(kj::Timer& timer, std::shared_ptr<CaptureLoss> loss, std::string device, ipc::Capture::Client capture,
                       transport::PageReader<ipc::CaptureStatus> status, transport::RingReader ring)
    : timer_(timer),
      loss_(std::move(loss)),
      device_(std::move(device)),
      capture_(kj::mv(capture)),
      status_(std::move(status)),
      ring_(std::move(ring)),
      watching_(watch().eagerlyEvaluate([](kj::Exception&&) {})) {}

void CaptureEnd::lose(const std::string& reason) {
  if (lost()) return;
  capture_ = nullptr;
  loss_->happen(reason);
}

kj::Promise<void> CaptureEnd::watch() {
  return timer_.afterDelay(kLookInterval).then([this]() -> kj::Promise<void> {
    // The state first: what the server said of the device before it ended is then all there.
    const bool ended = ring_.writerState() == transport::WriterState::ended;
    ipc::CaptureStatus status;
    if (status_.read(status) && status.deviceAlive == 0) lose("input device '" + device_ + "' has gone");
    if (ended) lose("the audio server has ended the capture of '" + device_ + "'");
    if (lost()) return kj::READY_NOW;
    return watch();
  });
}

}  // namespace backline::session
