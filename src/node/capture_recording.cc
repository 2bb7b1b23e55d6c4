#include "node/capture_recording.h"

#include <cmath>
#include <memory>
#include <mutex>

#include "media/recording.h"
#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

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
struct Running final : Ending {
  /// The files are finished, whatever the program does.
  void end() override {
    if (recording) {
      recording->stop();
      recording->wait();
    }
    capture.reset();
  }
  std::unique_ptr<session::Capture> capture;
  std::shared_ptr<media::Recording> recording;
  std::shared_ptr<Loss> loss = std::make_shared<Loss>();
};

class CaptureRecording final : public Napi::ObjectWrap<CaptureRecording> {
 public:
  explicit CaptureRecording(const Info& info) : Napi::ObjectWrap<CaptureRecording>(info) {
    guarded(info.Env(), [&]() -> napi_value {
      begin(info.Env(), info[0].As<Napi::Object>());
      return nullptr;
    });
  }
  ~CaptureRecording() override { *alive_ = false; }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "CaptureRecording",
                       {InstanceMethod<&CaptureRecording::info>("info"), InstanceMethod<&CaptureRecording::status>("status"), InstanceMethod<&CaptureRecording::levels>("levels"),
                        InstanceMethod<&CaptureRecording::pause>("pause"), InstanceMethod<&CaptureRecording::resume>("resume"), InstanceMethod<&CaptureRecording::stop>("stop")});
  }

 private:
  void begin(Napi::Env env, const Napi::Object& given) {
    Environment& environment = Environment::of(env);
    session::CaptureOptions input{.overflow = transport::Overflow::refuse};
    read(given, "device", input.device);
    read(given, "channels", input.channels);
    read(given, "capacityFrames", input.capacityFrames);
    read(given, "patience", input.patience);
    running_->capture = environment.engine().openCapture(input);
    const session::CaptureInfo& device = running_->capture->info();

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
    onEvent_ = Napi::Persistent(given.Get("onEvent").As<Napi::Function>());
    onEvent_.SuppressDestruct();
    const auto told = [this, loop = environment.loop, alive = alive_](std::function<void(Napi::Env)> tell) {
      loop->post([this, alive, tell = std::move(tell)] {
        if (*alive) tell(Env());
      });
    };
    transport::RingReader ring(transport::SharedMemory::map(running_->capture->ring().duplicate()));
    running_->recording = std::make_shared<media::Recording>(
        std::move(options), std::move(ring),
        media::Recording::Callbacks{.ended = [this, told] { told([this](Napi::Env env) { sayEnded(env); }); },
                                    .gap = [this, told](const media::RecordingGap& gap) { told([this, gap](Napi::Env env) { sayGap(env, gap); }); }});
    environment.loop->hold();
    Ref();
    std::erase_if(environment.endings, [](const auto& old) { return old.expired(); });
    environment.endings.push_back(running_);
    running_->capture->onLost([loss = running_->loss, weak = std::weak_ptr(running_->recording)](const std::string& reason) {
      loss->set(reason);
      if (const auto recording = weak.lock()) recording->stop();
    });
  }

  void sayGap(Napi::Env env, const media::RecordingGap& gap) {
    const Napi::HandleScope scope(env);
    auto detail = Napi::Object::New(env);
    detail.Set("frame", static_cast<double>(gap.frame));
    detail.Set("frames", static_cast<double>(gap.frames));
    detail.Set("reason", gap.reason);
    onEvent_.Call({Napi::String::New(env, "gap"), detail});
  }

  void sayEnded(Napi::Env env) {
    const Napi::HandleScope scope(env);
    running_->capture.reset();
    Environment::of(env).loop->release();
    onEvent_.Call({Napi::String::New(env, "ended")});
    Unref();
  }

  Napi::Value info(const Info& info) {
    auto result = Napi::Object::New(info.Env());
    if (!running_->capture) return result;
    const session::CaptureInfo& device = running_->capture->info();
    result.Set("sampleRate", device.sampleRate);
    result.Set("channels", device.channels);
    result.Set("device", device.device);
    result.Set("deviceId", device.deviceId);
    result.Set("backend", device.backend);
    return result;
  }

  Napi::Value status(const Info& info) {
    const Napi::Env env = info.Env();
    auto result = Napi::Object::New(env);
    if (!running_->recording) return result;
    const media::RecordingStatus status = running_->recording->status();
    result.Set("paused", status.paused);
    result.Set("ended", status.ended);
    for (const auto& [name, value] : {std::pair{"frames", status.frames}, {"bytes", status.bytes}, {"gaps", status.gaps}, {"lostFrames", status.lostFrames},
                                      {"pausedFrames", status.pausedFrames}, {"mostWaiting", std::uint64_t{status.mostWaiting}}})
      result.Set(name, static_cast<double>(value));
    result.Set("failure", status.failure);
    result.Set("lost", running_->loss->get());
    auto files = Napi::Array::New(env);
    for (const std::string& file : status.files) files.Set(files.Length(), file);
    result.Set("files", files);
    result.Set("peaks", numbers(env, status.peaks));
    return result;
  }

  Napi::Value levels(const Info& info) { return numbers(info.Env(), running_->recording ? running_->recording->levels() : std::vector<float>{}); }

  static Napi::Value numbers(Napi::Env env, const std::vector<float>& values) {
    auto array = Napi::Array::New(env);
    for (const float value : values) array.Set(array.Length(), value);
    return array;
  }

  Napi::Value pause(const Info& info) { return call(info, &media::Recording::pause); }
  Napi::Value resume(const Info& info) { return call(info, &media::Recording::resume); }
  Napi::Value stop(const Info& info) { return call(info, &media::Recording::stop); }
  Napi::Value call(const Info& info, void (media::Recording::*what)()) {
    if (running_->recording) (running_->recording.get()->*what)();
    return info.Env().Undefined();
  }

  std::shared_ptr<Running> running_ = std::make_shared<Running>();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Napi::FunctionReference onEvent_;
};

}  // namespace

Napi::Function captureRecordingClass(Napi::Env env) { return CaptureRecording::define(env); }

}  // namespace backline::node
