#include "session/capture_end.h"

#include "ipc/connection.h"

namespace backline::session {

namespace {
// The eventfd that tells of frames is the reader's alone, so the state is looked at.
constexpr auto kRingLook = 100 * kj::MILLISECONDS;
constexpr auto kAskInterval = 300 * kj::MILLISECONDS;   // for a device that has gone
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

CaptureEnd::CaptureEnd(kj::Timer& timer, std::shared_ptr<CaptureLoss> loss, const CaptureInfo& info, ipc::Capture::Client capture,
                       transport::PageReader<ipc::CaptureStatus> status, transport::RingReader ring, transport::Fd written, double patience, FindServer findServer)
    : timer_(timer),
      loss_(std::move(loss)),
      device_(info.device),
      deviceId_(info.deviceId),
      capture_(kj::mv(capture)),
      status_(std::move(status)),
      ring_(std::move(ring)),
      written_(std::move(written)),
      patience_(static_cast<std::int64_t>(patience * 1e3) * kj::MILLISECONDS),
      findServer_(std::move(findServer)),
      watching_(watch().eagerlyEvaluate([](kj::Exception&&) {})) {}

void CaptureEnd::lose(const std::string& reason) {
  if (lost()) return;
  capture_ = nullptr;
  interrupted_ = false;
  loss_->happen(reason);
}

void CaptureEnd::interrupt() {
  if (lost()) return;
  capture_ = nullptr;
  interrupted_ = true;
}

void CaptureEnd::goOn(ipc::AudioServer::Client server) {
  if (!interrupted_) return;
  const transport::RingFormat& format = ring_.format();
  auto request = server.openCaptureRequest();
  auto config = request.initConfig();
  config.setDevice(deviceId_);
  config.setChannels(format.channels);
  config.setCapacityFrames(format.capacityFrames);
  config.setOverflow(format.overflow == transport::Overflow::refuse ? ipc::CaptureConfig::Overflow::REFUSE : ipc::CaptureConfig::Overflow::DROP_OLDEST);
  request.setRing(ipc::describe(ring_.memory().fd().duplicate()));
  request.setWritten(ipc::describe(written_.duplicate()));
  request.setPage(ipc::describe(status_.memory().fd().duplicate()));
  asked_ = true;
  goingOn_ = request.send().then([this](auto&& answer) {
    capture_ = answer.getCapture();
    interrupted_ = asked_ = false;
    away_ = nullptr;
  }).eagerlyEvaluate([this](kj::Exception&& exception) {
    asked_ = false;
    if (exception.getType() == kj::Exception::Type::DISCONNECTED) return;   // the next one is asked
    if (patience_ > 0 * kj::SECONDS) return await(ipc::errorText(exception));
    lose("the audio server has ended, and another cannot go on with the capture of '" + device_ + "': " + ipc::errorText(exception));
  });
}

/// The device is not there: it is asked for again and again.
void CaptureEnd::await(const std::string& why) {
  if (lost()) return;
  whyAway_ = why;
  if (away_ != nullptr) return;
  interrupt();
  away_ = timer_.now();
  asking_ = askAgain().eagerlyEvaluate([](kj::Exception&&) {});
}

kj::Promise<void> CaptureEnd::askAgain() {
  return timer_.afterDelay(kAskInterval).then([this]() -> kj::Promise<void> {
    if (lost() || away_ == nullptr) return kj::READY_NOW;
    const kj::TimePoint since = KJ_ASSERT_NONNULL(away_);
    if (timer_.now() - since > patience_) {
      lose("input device '" + device_ + "' has gone, and did not come back within " + std::to_string(patience_ / kj::SECONDS) + " seconds" + (whyAway_.empty() ? "" : ": " + whyAway_));
      return kj::READY_NOW;
    }
    if (asked_) return askAgain();
    return findServer_().then([this](ipc::AudioServer::Client server) { goOn(kj::mv(server)); }, [](kj::Exception&&) {}).then([this] { return askAgain(); });
  });
}

kj::Promise<void> CaptureEnd::watch() {
  return timer_.afterDelay(kRingLook).then([this]() -> kj::Promise<void> {
    // The state first: what the server said of the device before it ended is then all there.
    const bool ended = ring_.writerState() == transport::WriterState::ended;
    ipc::CaptureStatus status;
    const bool gone = status_.read(status) && status.deviceAlive == 0;
    if (gone && patience_ > 0 * kj::SECONDS) {
      if (capture_ != nullptr) await({});
    } else if (gone) {
      lose("input device '" + device_ + "' has gone");
    } else if (ended && away_ == nullptr) lose("the audio server has ended the capture of '" + device_ + "'");
    if (lost()) return kj::READY_NOW;
    return watch();
  });
}

}  // namespace backline::session
