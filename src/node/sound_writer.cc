#include "node/sound_writer.h"

#include <memory>

#include "media/sound_writer.h"
#include "node/work.h"

namespace backline::node {

namespace {

class SoundWriter final : public Napi::ObjectWrap<SoundWriter> {
 public:
  explicit SoundWriter(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SoundWriter>(info) {
    try {
      channels_ = info[3].As<Napi::Number>().Uint32Value();
      writer_ = std::make_shared<media::SoundWriter>(info[0].As<Napi::String>().Utf8Value(), media::soundFormat(info[1].As<Napi::String>().Utf8Value()),
                                                     info[2].As<Napi::Number>().Uint32Value(), channels_);
    } catch (const media::WriteFailure& error) {
      throw Napi::Error::New(info.Env(), error.what());
    }
  }

  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "SoundWriter", {InstanceMethod<&SoundWriter::write>("write"), InstanceMethod<&SoundWriter::finish>("finish"), InstanceMethod<&SoundWriter::discard>("discard")});
  }

 private:
  Napi::Value write(const Napi::CallbackInfo& info) {
    const auto arrays = info[0].As<Napi::Array>();
    const auto frames = static_cast<std::size_t>(info[1].As<Napi::Number>().Int64Value());
    std::vector<const float*> channels;
    for (std::uint32_t c = 0; c < arrays.Length(); ++c) {
      const auto array = arrays.Get(c).As<Napi::Float32Array>();
      if (array.ElementLength() < frames) throw Napi::RangeError::New(info.Env(), "SoundWriter.write: a channel is shorter than " + std::to_string(frames) + " frames");
      channels.push_back(array.Data());
    }
    if (channels.size() != channels_) throw Napi::RangeError::New(info.Env(), "SoundWriter.write: the file has " + std::to_string(channels_) + " channels");
    auto* writing = new Work(info.Env(), "backline.SoundWriter", [writer = held(info), channels = std::move(channels), frames] { writer->write(channels, frames); });
    writing->keep(arrays);
    return writing->start();
  }

  Napi::Value finish(const Napi::CallbackInfo& info) {
    return (new Work(info.Env(), "backline.SoundWriter", [writer = held(info)] { writer->finish(); }))->start();
  }

  Napi::Value discard(const Napi::CallbackInfo& info) {
    writer_.reset();
    return info.Env().Undefined();
  }

  std::shared_ptr<media::SoundWriter> held(const Napi::CallbackInfo& info) const {
    if (!writer_) throw Napi::Error::New(info.Env(), "SoundWriter: it was discarded");
    return writer_;
  }

  std::shared_ptr<media::SoundWriter> writer_;
  std::uint32_t channels_ = 0;
};

}  // namespace

Napi::Function soundWriterClass(Napi::Env env) { return SoundWriter::define(env); }

}  // namespace backline::node
