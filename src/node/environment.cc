#include "node/environment.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>

#include "control/errors.h"
#include "node/contexts.h"
#include "node/impl.h"

namespace backline::node {

namespace {

std::vector<std::string> stringsOf(const Napi::Value& value) {
  std::vector<std::string> strings;
  if (!value.IsArray()) return strings;
  const auto array = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < array.Length(); ++i) strings.push_back(Napi::Value(array[i]).ToString().Utf8Value());
  return strings;
}

std::string stringOf(const Napi::Value& value) { return value.IsString() ? value.As<Napi::String>().Utf8Value() : ""; }

std::int64_t monotonicNanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Environment::Environment(Napi::Env env) : loop(std::make_shared<Loop>(env)), env_(env) {
  queueMicrotask_ = Napi::Persistent(env.Global().Get("queueMicrotask").As<Napi::Function>());
  commitAll_ = Napi::Persistent(Napi::Function::New(env, [this](const Napi::CallbackInfo&) {
    for (const auto& weak : std::exchange(dirty_, {})) {
      const auto link = weak.lock();
      if (!link) continue;
      link->commit();
      const auto context = std::find_if(contexts.begin(), contexts.end(), [&](const Impl* impl) { return impl->context().link() == link; });
      if (context != contexts.end()) updateLife(**context);
    }
  }));
  constructors = Napi::Persistent(Napi::Object::New(env));
  const auto performance = env.Global().Get("performance").As<Napi::Object>();
  const double now = performance.Get("now").As<Napi::Function>().Call(performance, {}).ToNumber().DoubleValue();
  performanceOrigin_ = monotonicNanoseconds() - static_cast<std::int64_t>(now * 1e6);
  // The engine of Node may be gone before these are.
  for (auto* reference : {&queueMicrotask_, &commitAll_, &onEvent_, &makeDomException_}) reference->SuppressDestruct();
  constructors.SuppressDestruct();
}

void Environment::initialize(const Napi::Object& options) {
  onEvent_ = Napi::Persistent(options.Get("onEvent").As<Napi::Function>());
  makeDomException_ = Napi::Persistent(options.Get("makeDOMException").As<Napi::Function>());
  onEvent_.SuppressDestruct();
  if (const Napi::Value told = options.Get("onDevicesChanged"); told.IsFunction()) {
    onDevicesChanged_ = Napi::Persistent(told.As<Napi::Function>());
    onDevicesChanged_.SuppressDestruct();
  }
  makeDomException_.SuppressDestruct();
  engineOptions_.audioCommand = stringsOf(options.Get("audioCommand"));
  engineOptions_.renderCommand = stringsOf(options.Get("renderCommand"));
  decoderOptions_.command = stringsOf(options.Get("decodeCommand"));
  engineOptions_.device = stringOf(options.Get("device"));
  engineOptions_.input = stringOf(options.Get("input"));
  engineOptions_.tapPath = stringOf(options.Get("tap"));
  engineOptions_.programName = stringOf(options.Get("programName"));
  engineOptions_.logPerformance = options.Get("logPerformance").ToBoolean();
  engineOptions_.spareHost = !options.Get("spareHost").IsBoolean() || options.Get("spareHost").ToBoolean();
  if (const Napi::Value limit = options.Get("hangLimit"); limit.IsNumber()) engineOptions_.hangLimit = limit.As<Napi::Number>().DoubleValue();
  if (const Napi::Value invite = options.Get("sharedMemory"); invite.IsExternal()) {
    engineOptions_.shareMemory = *invite.As<Napi::External<std::function<transport::SharedMemoryEnds()>>>().Data();
  }
  if (const Napi::Value inspect = options.Get("inspect"); inspect.IsFunction()) {
    inspect_ = Napi::Persistent(inspect.As<Napi::Function>());
    inspect_.SuppressDestruct();
    engineOptions_.inspect = [loop = loop, weak = weak_from_this()](transport::Fd socket) {
      loop->post([weak, socket = std::make_shared<transport::Fd>(std::move(socket))] {
        if (const auto self = weak.lock()) self->inspect_.Call({Napi::Number::New(self->env_, socket->release())});
      });
    };
  }
  const Napi::Value seconds = options.Get("tapSeconds");
  engineOptions_.tapSeconds = seconds.IsNumber() ? seconds.As<Napi::Number>().DoubleValue() : 0;
}

session::Engine& Environment::engine() {
  if (ended_) throw DomException("InvalidStateError", "the program is ending");
  if (!engine_) engine_ = std::make_unique<session::Engine>(engineOptions_);
  return *engine_;
}

const std::shared_ptr<media::Decoder>& Environment::decoder() {
  if (!decoder_) decoder_ = std::make_shared<media::Decoder>(decoderOptions_);
  return decoder_;
}

Decodings& Environment::decodings() {
  if (!decodings_) decodings_ = std::make_unique<Decodings>(loop, decoder()->atOnce());
  return *decodings_;
}

media::MediaElements& Environment::mediaElements() {
  if (ended_) throw DomException("InvalidStateError", "the program is ending");
  if (mediaElements_) return *mediaElements_;
  mediaElements_ = std::make_unique<media::MediaElements>([this]() -> session::Engine& { return engine(); }, decoder()->helper());
  auto posted = std::make_shared<std::atomic<bool>>(false);
  mediaElements_->onWake([loop = loop, posted, weak = weak_from_this()] {
    if (posted->exchange(true)) return;
    loop->post([posted, weak] {
      posted->store(false);
      const auto self = weak.lock();
      if (self && self->mediaElements_ && self->mediaElements_->dispatchOne()) self->mediaElements_->wake();
    });
  });
  mediaElements_->onbusy = [loop = loop](bool busy) {
    if (busy) loop->hold();
    else loop->release();
  };
  return *mediaElements_;
}

void Environment::emit(Impl& impl, const char* type, Napi::Value detail) {
  if (ended_ || onEvent_.IsEmpty()) return;
  const Napi::Object target = impl.Value();
  if (target.IsEmpty()) return;   // collected, and not yet finalized
  onEvent_.Call({target, Napi::String::New(env_, type), detail});
}

void Environment::sayDevicesChanged() {
  if (!ended_ && !onDevicesChanged_.IsEmpty()) onDevicesChanged_.Call({});
}

Napi::Value Environment::makeDomException(const std::string& message, const std::string& name) {
  if (makeDomException_.IsEmpty()) return Napi::Error::New(env_, name + ": " + message).Value();
  return makeDomException_.Call({Napi::String::New(env_, message), Napi::String::New(env_, name)});
}

double Environment::performanceTime(std::int64_t nanoseconds) const {
  return static_cast<double>(nanoseconds - performanceOrigin_) / 1e6;
}

void Environment::commitSoon(const std::shared_ptr<SessionLink>& link) {
  if (ended_) return;
  dirty_.push_back(link);
  if (dirty_.size() == 1) queueMicrotask_.Call({commitAll_.Value()});
}

void Environment::endFirst(std::weak_ptr<Ending> ending) {
  std::erase_if(endings_, [](const auto& old) { return old.expired(); });
  endings_.push_back(std::move(ending));
}

void Environment::end() {
  if (ended_) return;
  ended_ = true;
  loop->close();
  for (Impl* context : contexts) context->context().link()->shut();
  for (const auto& weak : std::exchange(tracks, {})) {
    if (const auto track = weak.lock()) track->stop();
  }
  if (mediaElements_) mediaElements_->shut();
  captures->close();
  if (decoder_) decoder_->shut();
  if (decodings_) decodings_->end();
  for (const auto& weak : std::exchange(endings_, {})) {
    if (const auto ending = weak.lock()) ending->end();
  }
  engine_.reset();
}

}  // namespace backline::node
