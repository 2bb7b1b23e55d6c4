#include "node/recorder.h"

#include "media/recorder.h"
#include "node/recording_object.h"

namespace backline::node {

namespace {

class RunningRecorder final : public Ending {
 public:
  RunningRecorder(Environment&, const Napi::Object& given, media::Recording::Callbacks callbacks) {
    media::RecorderOptions options;
    std::string format = "wav";
    read(given, "path", options.path);
    read(given, "format", format);
    read(given, "output", options.output);
    read(given, "channels", options.channels);
    read(given, "replace", options.replace);
    read(given, "splitSeconds", options.splitSeconds);
    read(given, "seconds", options.limitSeconds);
    options.format = media::soundFormat(format);
    recorder_ = std::make_unique<media::Recorder>(Impl::of(given.Get("context")).context(), FromJs<std::shared_ptr<AudioNode>>::from(given.Get("node")), options, std::move(callbacks));
  }

  void end() override {
    recorder_->recording().stop();
    recorder_->recording().wait();
    release();
  }
  void release() { recorder_->release(); }
  media::Recording& recording() { return recorder_->recording(); }
  Napi::Value info(Napi::Env env) const { return Napi::Object::New(env); }
  void describe(Napi::Object&) const {}

 private:
  std::unique_ptr<media::Recorder> recorder_;
};

}  // namespace

Napi::Function recorderClass(Napi::Env env) { return RecordingObject<RunningRecorder>::define(env, "Recorder"); }

}  // namespace backline::node
