#include "node/contexts.h"

#include <atomic>

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

void dispatchOne(Impl& impl) {
  [[maybe_unused]] const Napi::Object alive = impl.Value();
  const auto context = impl.pointer<BaseAudioContext>();
  const bool more = context->dispatchOne();
  updateLife(impl);
  if (more) context->link()->wake();
}

std::vector<std::pair<std::string, std::string>> importsOf(const Napi::Value& value) {
  std::vector<std::pair<std::string, std::string>> imports;
  const auto list = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const auto pair = Napi::Value(list[i]).As<Napi::Array>();
    imports.emplace_back(FromJs<std::string>::from(pair[0u]), FromJs<std::string>::from(pair[1u]));
  }
  return imports;
}

Napi::Value addModule(Impl& impl, const Info& info) {
  std::vector<render::ModuleSource> modules;
  const auto list = info[0].As<Napi::Array>();
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const auto module = Napi::Value(list[i]).As<Napi::Object>();
    modules.push_back({FromJs<std::string>::from(module.Get("url")), FromJs<std::string>::from(module.Get("source")),
                       importsOf(module.Get("imports"))});
  }
  const bool replace = info[1].ToBoolean();
  return promised(impl, [&](Completion done) {
    impl.context().audioWorklet().addModule(std::move(modules), replace, std::move(done));
  });
}

/// To the AudioWorkletGlobalScope.
Napi::Value postToScope(Impl& impl, const Info& info) {
  impl.context().audioWorklet().postMessage(messageOf(info[0]));
  return info.Env().Undefined();
}

/// A port of a processor, or of the scope, is listened at, or not any more.
Napi::Value listen(Impl& impl, const Info& info) {
  impl.context().audioWorklet().listen(info[0].ToBoolean());
  updateLife(impl);
  return info.Env().Undefined();
}

/// Always the same object; made when it is first asked for.
Napi::Value destination(Impl& impl, const Info& info) {
  Napi::Object self = impl.Value();
  const Napi::Value known = self.Get("$destination");
  if (!known.IsUndefined()) return known;
  auto node = std::static_pointer_cast<AudioNode>(impl.context().destination().shared_from_this());
  const Napi::Object made = Impl::wrap(info.Env(), "AudioDestinationNode", std::move(node));
  self.DefineProperty(Napi::PropertyDescriptor::Value("$destination", made));
  return made;
}

Napi::Value listener(Impl& impl, const Info& info) {
  Napi::Object self = impl.Value();
  const Napi::Value known = self.Get("$listener");
  if (!known.IsUndefined()) return known;
  const Napi::Object made = Impl::wrap(info.Env(), "AudioListener", impl.context().listener());
  self.DefineProperty(Napi::PropertyDescriptor::Value("$listener", made));
  return made;
}

}  // namespace

void readRenderSize(const Napi::Object& options, std::variant<AudioContextRenderSizeCategory, std::uint32_t>& hint) {
  const Napi::Value given = options.Get("renderSizeHint");
  if (given.IsNumber()) hint = FromJs<std::uint32_t>::from(given);
  if (given.IsString() && given.As<Napi::String>().Utf8Value() == "hardware") hint = AudioContextRenderSizeCategory::hardware;
}

void updateLife(Impl& impl) { impl.keepProgram(impl.context().isBusy()); }

void attachContext(Impl& impl) {
  auto& context = impl.context();
  Environment& environment = impl.environment();
  environment.contexts.insert(&impl);

  const auto weak = impl.weak();
  auto emit = [weak](const char* type, auto&&... members) {
    auto self = weak.lock();
    if (!self) return;
    Impl& impl = **self;
    Napi::Value detail = impl.Env().Undefined();
    if constexpr (sizeof...(members) > 0) {
      const auto object = Napi::Object::New(impl.Env());
      (object.Set(members.first, members.second), ...);
      detail = object;
    }
    impl.environment().emit(impl, type, detail);
  };
  context.onstatechange = [emit] { emit("statechange"); };
  context.onerror = [emit](const std::string& message) { emit("error", std::pair("message", message)); };
  context.audioWorklet().onmessage = [weak](std::span<const std::byte> message) {
    if (auto self = weak.lock()) (*self)->environment().emit(**self, "scopemessage", toJsBytes((*self)->Env(), message));
  };
  context.audioWorklet().onconsole = [emit](const std::string& level, const std::string& text, const std::string& place) {
    emit("console", std::pair("level", level), std::pair("text", text), std::pair("place", place));
  };

  // The hooks may be called, and let go of, on the session's thread: they hold nothing that belongs to this one.
  auto posted = std::make_shared<std::atomic<bool>>(false);
  context.link()->onWake([loop = environment.loop, posted, weak] {
    if (posted->exchange(true)) return;
    loop->post([posted, weak] {
      posted->store(false);
      if (auto self = weak.lock()) dispatchOne(**self);
    });
  });
  context.link()->onFirstChange([weak, link = std::weak_ptr(context.link())] {
    auto self = weak.lock();
    if (auto open = link.lock(); open && self) (*self)->environment().commitSoon(open);
  });
  if (context.link()->hasTasks()) context.link()->wake();   // what its construction has to tell
  updateLife(impl);
}

std::vector<napi_property_descriptor> contextMembers(std::vector<napi_property_descriptor> own) {
  std::vector<napi_property_descriptor> members = {
      attribute<&BaseAudioContext::sampleRate>("sampleRate"),
      attribute<&BaseAudioContext::currentTime>("currentTime"),
      attribute<&BaseAudioContext::renderQuantumSize>("renderQuantumSize"),
      attribute<&BaseAudioContext::state>("state"),
      attribute<&destination>("destination"),
      attribute<&listener>("listener"),
      method<&addModule>("addModule"),
      method<&postToScope>("postToScope"),
      method<&listen>("listen"),
      method<&BaseAudioContext::commit>("commit"),
  };
  members.insert(members.end(), own.begin(), own.end());
  return members;
}

}  // namespace backline::node
