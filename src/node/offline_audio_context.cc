#include "control/offline_audio_context.h"

#include "node/contexts.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

/// Keeps the array whose memory somebody writes into.
struct ArrayHeld {
  std::shared_ptr<Napi::Reference<Napi::Float32Array>> array;
  void operator()(float*) const {}
};

/// Memory of JavaScript's own, so that getChannelData() need not copy; null if there is none.
transport::Samples newArray(Napi::Env env, std::uint64_t frames) {
  try {
    auto array = Napi::Float32Array::New(env, frames);
    return {array.Data(), ArrayHeld{std::make_shared<Napi::Reference<Napi::Float32Array>>(Napi::Persistent(array))}};
  } catch (const Napi::Error&) {
    return nullptr;
  }
}

/// What startRendering() promises: the impl of an AudioBuffer, and the arrays that its channels lie in.
Napi::Object rendered(Napi::Env env, const std::shared_ptr<AudioBuffer>& buffer) {
  const auto taken = buffer->takeChannels();
  auto channels = Napi::Array::New(env, taken.size());
  for (std::uint32_t c = 0; c < taken.size(); ++c) channels.Set(c, std::get_deleter<ArrayHeld>(taken[c])->array->Value());
  auto result = Napi::Object::New(env);
  result.Set("buffer", Impl::wrap(env, "AudioBuffer", buffer));
  result.Set("channels", channels);
  return result;
}

constexpr std::int64_t kScopeBytes = 4 << 20;   // an isolate that lives on behind a context that is over

Object makeOffline(const Info& info, Environment& environment) {
  const Napi::Object given = optionsAt(info, 0);
  OfflineAudioContextOptions options;
  read(given, "numberOfChannels", options.numberOfChannels);
  if (const Napi::Value length = given.Get("length"); length.IsNumber()) options.length = FromJs<std::uint64_t>::from(length);
  read(given, "sampleRate", options.sampleRate);
  readRenderSize(given, options.renderSizeHint);
  options.memory = [env = info.Env()](std::uint64_t frames) { return newArray(env, frames); };
  // The runtime is loaded by lib/ before the first addModule, which may be after this.
  options.worklets = [weak = std::weak_ptr(environment.worklets)](const render::WorkletConfig& config)
      -> std::unique_ptr<render::WorkletRuntime> {
    const auto factory = weak.lock();
    return factory && *factory ? (*factory)(config) : nullptr;
  };
  return std::static_pointer_cast<BaseAudioContext>(std::make_shared<OfflineAudioContext>(options));
}

void attachOffline(Impl& impl) {
  attachContext(impl);
  impl.as<OfflineAudioContext>().oncomplete = [weak = impl.weak()](const std::shared_ptr<AudioBuffer>&) {
    auto self = weak.lock();
    if (!self) return;
    if (!(*self)->context().link()->isShut()) (*self)->account(kScopeBytes);
    (*self)->environment().emit(**self, "complete", (*self)->Env().Undefined());
  };
}

/// Null where there is no end.
Napi::Value length(Impl& impl, const Info& info) {
  const auto frames = impl.as<OfflineAudioContext>().length();
  return frames ? Napi::Value(Napi::Number::New(info.Env(), static_cast<double>(*frames))) : info.Env().Null();
}

Napi::Value startRendering(Impl& impl, const Info& info) {
  std::optional<std::uint32_t> chunkSize;
  if (info[0].IsNumber()) chunkSize = FromJs<std::uint32_t>::from(info[0]);
  auto deferred = std::make_shared<Napi::Promise::Deferred>(info.Env());
  impl.as<OfflineAudioContext>().startRendering(chunkSize, [deferred](std::shared_ptr<AudioBuffer> buffer, std::optional<Error> error) {
    if (error) {
      deferred->Reject(toJsValue(deferred->Env(), *error));
    } else {
      deferred->Resolve(rendered(deferred->Env(), buffer));
    }
  });
  updateLife(impl);
  return deferred->Promise();
}

Napi::Value suspend(Impl& impl, const Info& info) {
  const double time = FromJs<double>::from(info[0]);
  return promised(impl, [&](Completion done) { impl.as<OfflineAudioContext>().suspend(time, std::move(done)); });
}

Napi::Value resume(Impl& impl, const Info&) {
  return promised(impl, [&](Completion done) { impl.as<OfflineAudioContext>().resume(std::move(done)); });
}

Napi::Value close(Impl& impl, const Info&) {
  return promised(impl, [&](Completion done) { impl.as<OfflineAudioContext>().close(std::move(done)); });
}

}  // namespace

ClassTable offlineAudioContextClass() {
  return {"OfflineAudioContext", &makeOffline, &attachOffline,
          contextMembers({
              attribute<&length>("length"),
              method<&startRendering>("startRendering"),
              method<&suspend>("suspend"),
              method<&resume>("resume"),
              method<&close>("close"),
          })};
}

}  // namespace backline::node
