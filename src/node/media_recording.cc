#include "node/media_recording.h"

#include <cstring>
#include <memory>

#include "media/media_recording.h"
#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

media::MediaRecordingOptions optionsOf(const Napi::Object& given) {
  media::MediaRecordingOptions options;
  options.format = media::soundFormat(given.Get("format").As<Napi::String>().Utf8Value());
  read(given, "bitsPerSecond", options.bitsPerSecond);
  read(given, "timeslice", options.timeslice);
  return options;
}

struct Running final : Ending {
  Running(std::shared_ptr<MediaStreamTrack> track, const media::MediaRecordingOptions& options, std::function<void()> wake) : recording(std::move(track), options, std::move(wake)) {}
  void end() override { recording.end(); }
  media::MediaRecording recording;
};

class MediaRecording final : public Napi::ObjectWrap<MediaRecording> {
 public:
  explicit MediaRecording(const Info& info) : Napi::ObjectWrap<MediaRecording>(info), loop_(Environment::of(info.Env()).loop) {
    const auto wake = [loop = loop_, self = this] { loop->post([self] { self->take(); }); };
    try {
      auto track = FromJs<std::shared_ptr<MediaStreamTrack>>::from(info[0]);
      running_ = std::make_shared<Running>(std::move(track), optionsOf(info[1].As<Napi::Object>()), wake);
    } catch (const Error& error) {
      throw toJs(info.Env(), error);
    } catch (const media::WriteFailure& failure) {
      throw toJs(info.Env(), DomException("NotSupportedError", failure.what()));
    }
    chunk_ = Napi::Persistent(info[2].As<Napi::Function>());
    Environment::of(info.Env()).endFirst(running_);
    loop_->hold();
    Ref();   // until the last chunk
  }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "MediaRecording",
                       {InstanceMethod<&MediaRecording::call<&media::MediaRecording::pause>>("pause"), InstanceMethod<&MediaRecording::call<&media::MediaRecording::resume>>("resume"),
                        InstanceMethod<&MediaRecording::call<&media::MediaRecording::requestData>>("requestData"), InstanceMethod<&MediaRecording::call<&media::MediaRecording::stop>>("stop")});
  }

 private:
  template <void (media::MediaRecording::*method)()>
  Napi::Value call(const Info& info) {
    (running_->recording.*method)();
    return info.Env().Undefined();
  }

  void take() {
    const Napi::HandleScope scope(Env());
    auto chunk = running_->recording.take();
    if (!chunk) return;
    auto bytes = Napi::Uint8Array::New(Env(), chunk->bytes.size());
    if (!chunk->bytes.empty()) std::memcpy(bytes.Data(), chunk->bytes.data(), chunk->bytes.size());
    const Napi::Value arguments[] = {bytes, Napi::Number::New(Env(), chunk->time), Napi::Boolean::New(Env(), chunk->last), Napi::String::New(Env(), chunk->error)};
    const bool last = chunk->last;
    if (last) {
      loop_->release();
      Unref();
    }
    chunk_.Call({arguments[0], arguments[1], arguments[2], arguments[3]});
  }

  const std::shared_ptr<Loop> loop_;
  std::shared_ptr<Running> running_;
  Napi::FunctionReference chunk_;
};

}  // namespace

Napi::Function mediaRecordingClass(Napi::Env env) { return MediaRecording::define(env); }

}  // namespace backline::node
