#include "node/decode.h"

#include "media/decoder.h"
#include "node/class_table.h"

namespace backline::node {

namespace {

class Decoding final : public Napi::AsyncWorker {
 public:
  Decoding(Napi::Uint8Array bytes, float sampleRate)
      : Napi::AsyncWorker(bytes.Env(), "backline.decodeAudioData"),
        deferred_(bytes.Env()),
        view_(Napi::Persistent(bytes.As<Napi::Object>())),
        bytes_(reinterpret_cast<const std::byte*>(bytes.Data()), bytes.ByteLength()),
        sampleRate_(sampleRate),
        decoder_(Environment::of(bytes.Env()).decoder()) {}

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    try {
      buffer_ = decoder_->decodeAudioData(bytes_, sampleRate_);
    } catch (const Error& error) {
      error_ = error;
    }
  }

  void OnOK() override {
    if (error_) {
      deferred_.Reject(toJsValue(Env(), *error_));
    } else {
      deferred_.Resolve(Impl::wrap(Env(), "AudioBuffer", std::move(buffer_)));
    }
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference view_;   // keeps the bytes
  std::span<const std::byte> bytes_;
  float sampleRate_;
  std::shared_ptr<media::Decoder> decoder_;
  std::shared_ptr<AudioBuffer> buffer_;
  std::optional<Error> error_;
};

}  // namespace

Napi::Value decodeAudioData(const Napi::CallbackInfo& info) {
  auto* decoding = new Decoding(info[0].As<Napi::Uint8Array>(), FromJs<float>::from(info[1]));
  const Napi::Promise promise = decoding->promise();
  decoding->Queue();
  return promise;
}

}  // namespace backline::node
