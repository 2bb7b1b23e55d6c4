#include "node/decode.h"

#include "media/decoder.h"
#include "node/class_table.h"

namespace backline::node {

namespace {

struct Decoding {
  Napi::Promise::Deferred deferred;
  Napi::ObjectReference view;   // keeps the bytes
  std::span<const std::byte> bytes;
  float sampleRate;
  std::shared_ptr<media::Decoder> decoder;
  std::shared_ptr<AudioBuffer> buffer;
  std::optional<Error> error;
};

}  // namespace

Napi::Value decodeAudioData(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto bytes = info[0].As<Napi::Uint8Array>();
  const auto decoding = std::make_shared<Decoding>(Decoding{Napi::Promise::Deferred(env), Napi::Persistent(bytes.As<Napi::Object>()),
                                                            {reinterpret_cast<const std::byte*>(bytes.Data()), bytes.ByteLength()}, FromJs<float>::from(info[1]),
                                                            Environment::of(env).decoder(), nullptr, {}});
  Environment::of(env).decodings().add(
      [work = decoding.get()] {
        try {
          work->buffer = work->decoder->decodeAudioData(work->bytes, work->sampleRate);
        } catch (const Error& error) {
          work->error = error;
        } catch (const std::exception& error) {
          work->error = DomException("OperationError", std::string("decodeAudioData: ") + error.what());
        }
      },
      [env, decoding] {
        if (decoding->error) decoding->deferred.Reject(toJsValue(env, *decoding->error));
        else decoding->deferred.Resolve(Impl::wrap(env, "AudioBuffer", std::move(decoding->buffer)));
      });
  return decoding->deferred.Promise();
}

}  // namespace backline::node
