#include "control/media_stream_capture.h"

#include <utility>

#include "control/errors.h"

namespace backline {

namespace {

class CaptureFeed final : public MediaFeed {
 public:
  explicit CaptureFeed(std::unique_ptr<session::Capture> capture) : capture_(std::move(capture)) {}
  const transport::Fd& ring() const override { return capture_->ring(); }
  const transport::Fd& written() const override { return capture_->written(); }

 private:
  std::unique_ptr<session::Capture> capture_;
};

}  // namespace

CaptureSource::CaptureSource(session::Engine& engine, session::CaptureOptions options)
    : CaptureSource(engine, options, open(engine, options)) {}

CaptureSource::CaptureSource(session::Engine& engine, session::CaptureOptions options, std::unique_ptr<session::Capture> opened)
    : engine_(engine), options_(std::move(options)), anchor_(std::move(opened)) {
  anchor_->onLost([end = end()](const std::string&) { end->reach(); });
  const session::CaptureInfo& device = anchor_->info();
  info_ = {device.device, device.deviceId, device.clock, device.sampleRate, device.channels, device.latency};
  // Whoever opens it again gets the same device, even if the default has changed meanwhile.
  if (!device.deviceId.empty()) options_.device = device.deviceId;
}

std::unique_ptr<session::Capture> CaptureSource::open(session::Engine& engine, const session::CaptureOptions& options) {
  try {
    return engine.openCapture(options);
  } catch (const std::exception& error) {
    throw DomException("NotReadableError", error.what());
  }
}

std::unique_ptr<MediaFeed> CaptureSource::open(const MediaFeedOptions& options) {
  session::CaptureOptions wanted = options_;
  wanted.capacityFrames = options.capacityFrames;
  wanted.overflow = options.overflow;
  auto capture = open(engine_, wanted);
  capture->onLost([end = end()](const std::string&) { end->reach(); });
  return std::make_unique<CaptureFeed>(std::move(capture));
}

}  // namespace backline
