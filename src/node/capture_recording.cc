#include "node/capture_recording.h"

#include <mutex>

#include "node/recording_object.h"

namespace backline::node {

namespace {

/// Why an input ended, for people. [any thread]
class Loss {
 public:
  void set(const std::string& reason) {
    const std::lock_guard lock(mutex_);
    reason_ = reason;
  }
  std::string get() const {
    const std::lock_guard lock(mutex_);
    return reason_;
  }

 private:
  mutable std::mutex mutex_;
  std::string reason_;
};

/// An input and what records it; either may end first.
class RunningCapture final : public Ending {
 public:
  RunningCapture(Environment& environment, const Napi::Object& given, media::Recording::Callbacks callbacks) {
    session::CaptureOptions input{.overflow = transport::Overflow::refuse};
    read(given, "device", input.device);
    read(given, "channels", input.channels);
    read(given, "capacityFrames", input.capacityFrames);
    read(given, "patience", input.patience);
    capture_ = environment.engine().openCapture(input);
    const session::CaptureInfo& device = capture_->info();

    media::RecordingOptions options{.device = device.device, .endsWithSource = false};   // the capture tells
    std::string format = "wav";
    double splitSeconds = 0, seconds = 0;
    read(given, "path", options.path);
    read(given, "format", format);
    read(given, "replace", options.replace);
    read(given, "splitSeconds", splitSeconds);
    read(given, "seconds", seconds);
    const auto framesOf = [&](double time) { return static_cast<std::uint64_t>(std::llround(time * static_cast<double>(device.sampleRate))); };
    options.format = media::soundFormat(format);
    options.splitFrames = framesOf(splitSeconds);
    options.limitFrames = framesOf(seconds);
    transport::RingReader ring(transport::SharedMemory::map(capture_->ring().duplicate()));
    recording_ = std::make_shared<media::Recording>(std::move(options), std::move(ring), std::move(callbacks));
    capture_->onLost([loss = loss_, weak = std::weak_ptr(recording_)](const std::string& reason) {
      loss->set(reason);
      if (const auto recording = weak.lock()) recording->stop();
    });
  }

  void end() override {
    recording_->stop();
    recording_->wait();
    release();
  }
  void release() { capture_.reset(); }
  media::Recording& recording() { return *recording_; }

  Napi::Value info(Napi::Env env) const {
    auto result = Napi::Object::New(env);
    if (!capture_) return result;
    const session::CaptureInfo& device = capture_->info();
    result.Set("sampleRate", device.sampleRate);
    result.Set("channels", device.channels);
    result.Set("device", device.device);
    result.Set("deviceId", device.deviceId);
    result.Set("backend", device.backend);
    return result;
  }
  void describe(Napi::Object& status) const { status.Set("lost", loss_->get()); }

 private:
  std::unique_ptr<session::Capture> capture_;
  std::shared_ptr<media::Recording> recording_;
  std::shared_ptr<Loss> loss_ = std::make_shared<Loss>();
};

}  // namespace

Napi::Function captureRecordingClass(Napi::Env env) { return RecordingObject<RunningCapture>::define(env, "CaptureRecording"); }

}  // namespace backline::node
