#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <napi.h>

#include "media/recording.h"
#include "node/class_table.h"

namespace backline::node {

/// The object of a program's that stands for a recording: new (options with `onEvent`), info(), status(), levels(), pause(), resume(), stop(). It calls
/// onEvent('gap', {frame, frames, reason}) as frames are missed, and onEvent('ended') once, when the files are finished; until then it keeps the program. A program
/// that ends finishes the files.
///
/// Running: an Ending that is made of (Environment&, options, media::Recording::Callbacks), with recording(), info(Env), describe(status) for what it has to add, and
/// release(), which is called when the recording has ended.
template <class Running>
class RecordingObject final : public Napi::ObjectWrap<RecordingObject<Running>> {
  using Info = Napi::CallbackInfo;
  using Base = Napi::ObjectWrap<RecordingObject<Running>>;

 public:
  explicit RecordingObject(const Info& info) : Base(info) {
    guarded(info.Env(), [&]() -> napi_value {
      begin(Environment::of(info.Env()), info[0].As<Napi::Object>());
      return nullptr;
    });
  }
  ~RecordingObject() override { *alive_ = false; }

  static Napi::Function define(Napi::Env env, const char* name) {
    return Base::DefineClass(env, name,
                             {Base::template InstanceMethod<&RecordingObject::info>("info"), Base::template InstanceMethod<&RecordingObject::status>("status"),
                              Base::template InstanceMethod<&RecordingObject::levels>("levels"), Base::template InstanceMethod<&RecordingObject::pause>("pause"),
                              Base::template InstanceMethod<&RecordingObject::resume>("resume"), Base::template InstanceMethod<&RecordingObject::stop>("stop")});
  }

 private:
  void begin(Environment& environment, const Napi::Object& given) {
    onEvent_ = Napi::Persistent(given.Get("onEvent").template As<Napi::Function>());
    onEvent_.SuppressDestruct();
    const auto told = [this, loop = environment.loop, alive = alive_](std::function<void(Napi::Env)> tell) {
      loop->post([this, alive, tell = std::move(tell)] {
        if (*alive) tell(this->Env());
      });
    };
    running_ = std::make_shared<Running>(
        environment, given,
        media::Recording::Callbacks{.ended = [this, told] { told([this](Napi::Env env) { sayEnded(env); }); },
                                    .gap = [this, told](const media::RecordingGap& gap) { told([this, gap](Napi::Env env) { sayGap(env, gap); }); }});
    environment.loop->hold();
    this->Ref();
    environment.endFirst(running_);
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
    running_->release();
    Environment::of(env).loop->release();
    this->Unref();
    onEvent_.Call({Napi::String::New(env, "ended")});
  }

  Napi::Value info(const Info& info) { return running_->info(info.Env()); }

  Napi::Value status(const Info& info) {
    const Napi::Env env = info.Env();
    auto result = Napi::Object::New(env);
    const media::RecordingStatus status = running_->recording().status();
    result.Set("paused", status.paused);
    result.Set("ended", status.ended);
    for (const auto& [name, value] : {std::pair{"frames", status.frames}, {"bytes", status.bytes}, {"gaps", status.gaps}, {"lostFrames", status.lostFrames},
                                      {"pausedFrames", status.pausedFrames}, {"mostWaiting", std::uint64_t{status.mostWaiting}}})
      result.Set(name, static_cast<double>(value));
    result.Set("failure", status.failure);
    auto files = Napi::Array::New(env);
    for (const std::string& file : status.files) files.Set(files.Length(), file);
    result.Set("files", files);
    result.Set("peaks", numbers(env, status.peaks));
    running_->describe(result);
    return result;
  }

  Napi::Value levels(const Info& info) { return numbers(info.Env(), running_->recording().levels()); }

  static Napi::Value numbers(Napi::Env env, const std::vector<float>& values) {
    auto array = Napi::Array::New(env);
    for (const float value : values) array.Set(array.Length(), value);
    return array;
  }

  Napi::Value pause(const Info& info) { return call(info, &media::Recording::pause); }
  Napi::Value resume(const Info& info) { return call(info, &media::Recording::resume); }
  Napi::Value stop(const Info& info) { return call(info, &media::Recording::stop); }
  Napi::Value call(const Info& info, void (media::Recording::*what)()) {
    (running_->recording().*what)();
    return info.Env().Undefined();
  }

  std::shared_ptr<Running> running_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Napi::FunctionReference onEvent_;
};

}  // namespace backline::node
