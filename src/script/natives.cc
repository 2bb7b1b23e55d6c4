#include "script/natives.h"

#include <algorithm>
#include <chrono>

#include "script/bootstrap_sources.h"
#include "script/realm.h"
#include "script/script_error.h"

namespace backline::script {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

Realm& realmOf(const Info& info) { return Realm::from(info.GetIsolate()->GetCurrentContext()); }
std::uint32_t portOf(const Info& info) { return info[0].As<v8::Uint32>()->Value(); }

/// (…, value, transfer, ports, numbers), from the argument `first` on
Ports::Outgoing outgoingOf(const Info& info, int first) {
  const auto context = info.GetIsolate()->GetCurrentContext();
  Ports::Outgoing outgoing{info[first], info[first + 1].As<v8::Array>(), {}, {}};
  const auto objects = info[first + 2].As<v8::Array>(), numbers = info[first + 3].As<v8::Array>();
  for (std::uint32_t i = 0; i < objects->Length(); ++i) {
    outgoing.objects.push_back(objects->Get(context, i).ToLocalChecked().As<v8::Object>());
    outgoing.ports.push_back(numbers->Get(context, i).ToLocalChecked().As<v8::Uint32>()->Value());
  }
  return outgoing;
}

/// (port, value, transfer, ports, numbers)
void post(const Info& info) { realmOf(info).ports().post(portOf(info), outgoingOf(info, 1)); }

/// () → the two ports of a channel
void openChannel(const Info& info) {
  v8::Local<v8::Array> ports;
  if (realmOf(info).ports().openChannel().ToLocal(&ports)) info.GetReturnValue().Set(ports);
}

/// (port)
void transferable(const Info& info) { info.GetReturnValue().Set(realmOf(info).ports().transferable(portOf(info))); }

void start(const Info& info) { realmOf(info).ports().start(portOf(info)); }
void close(const Info& info) { realmOf(info).ports().close(portOf(info)); }

void scopePort(const Info& info) {
  Realm& realm = realmOf(info);
  info.GetReturnValue().Set(realm.ports().object(realm.scopePort()));
}

/// (bytes) → SharedArrayBuffer; undefined where its memory would reach no other process.
void allocateShared(const Info& info) {
  SharedPool* const pool = realmOf(info).pool();
  if (pool == nullptr) return;
  auto memory = pool->allocate(static_cast<std::size_t>(info[0].As<v8::Number>()->Value()));
  if (memory) info.GetReturnValue().Set(v8::SharedArrayBuffer::New(info.GetIsolate(), std::move(memory)));
}

/// (buffer of a new shared WebAssembly.Memory, its most pages)
void adoptMemory(const Info& info) {
  SharedPool* const pool = realmOf(info).pool();
  if (pool != nullptr) pool->adopt(info[0].As<v8::SharedArrayBuffer>()->GetBackingStore(), info[1].As<v8::Uint32>()->Value());
}

/// (SharedArrayBuffer, index in bytes, count): those in other processes, too.
void notify(const Info& info) {
  SharedPool* const pool = realmOf(info).pool();
  if (pool == nullptr) return;
  const double count = std::min(info[2].As<v8::Number>()->Value(), 4294967295.0);
  pool->wake(info[0].As<v8::SharedArrayBuffer>()->GetBackingStore(), static_cast<std::uint64_t>(info[1].As<v8::Number>()->Value()), static_cast<std::uint32_t>(count));
}

/// (level, text)
void print(const Info& info) {
  const std::string level = toUtf8(info.GetIsolate(), info[0]);
  render::ScriptError caller;
  placeOfRunning(info.GetIsolate(), caller);
  std::string place = caller.url;
  if (!place.empty()) place += ":" + std::to_string(caller.line) + ":" + std::to_string(caller.column);
  realmOf(info).config().events->console(level.c_str(), toUtf8(info.GetIsolate(), info[1]), place);
}

/// () → milliseconds since the scope was made
void now(const Info& info) {
  const std::chrono::duration<double, std::milli> since = std::chrono::steady_clock::now() - realmOf(info).origin();
  info.GetReturnValue().Set(since.count());
}

/// () → the node whose code runs, 0 if nobody knows
void owner(const Info& info) { info.GetReturnValue().Set(realmOf(info).microtaskOwner(0)); }

/// (value, transfer, ports, numbers) → its structured clone
void clone(const Info& info) {
  v8::Local<v8::Value> value;
  if (realmOf(info).ports().clone(outgoingOf(info, 0)).ToLocal(&value)) info.GetReturnValue().Set(value);
}

/// (name) → function (global object) → what the library exports
void library(const Info& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const auto context = isolate->GetCurrentContext();
  const std::string name = "backline:" + toUtf8(isolate, info[0]) + ".js";
  for (const BootstrapSource& source : kLibraries) {
    if (source.name != name) continue;
    auto origin = compat::classicOrigin(isolate, toV8(isolate, source.name));
    v8::ScriptCompiler::Source code(toV8(isolate, source.text), origin);
    v8::Local<v8::Script> script;
    v8::Local<v8::Value> function;
    if (!v8::ScriptCompiler::Compile(context, &code).ToLocal(&script) || !script->Run(context).ToLocal(&function)) return;
    info.GetReturnValue().Set(function);
  }
}

void getLazily(v8::Local<v8::Name>, const v8::PropertyCallbackInfo<v8::Value>& info) {
  v8::Local<v8::Value> value;
  const auto context = info.GetIsolate()->GetCurrentContext();
  if (info.Data().As<v8::Function>()->Call(context, v8::Undefined(info.GetIsolate()), 0, nullptr).ToLocal(&value)) info.GetReturnValue().Set(value);
}

/// (name, getter): a global that is made when it is first asked for, and looks as if it had always been there.
void defineLazily(const Info& info) {
  const auto context = info.GetIsolate()->GetCurrentContext();
  context->Global()->SetLazyDataProperty(context, info[0].As<v8::Name>(), getLazily, info[1], v8::DontEnum).Check();
}

/// (thrown)
void report(const Info& info) {
  Realm& realm = realmOf(info);
  realm.report(describe(realm.context(), info[0], {}));
}

void queueMicrotask(const Info& info) { info.GetIsolate()->EnqueueMicrotask(info[0].As<v8::Function>()); }

/// (name, [{name, defaultValue, minValue, maxValue, rate}])
void registered(const Info& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const auto context = isolate->GetCurrentContext();
  const auto list = info[1].As<v8::Array>();
  std::vector<render::ProcessorParam> params;
  for (std::uint32_t i = 0; i < list->Length(); ++i) {
    const auto item = list->Get(context, i).ToLocalChecked().As<v8::Object>();
    const auto member = [&](const char* name) { return item->Get(context, toV8(isolate, name)).ToLocalChecked(); };
    const auto number = [&](const char* name) {
      return static_cast<float>(member(name).As<v8::Number>()->Value());
    };
    const bool control = toUtf8(isolate, member("rate")) == "k-rate";
    params.push_back({toUtf8(isolate, member("name")), number("defaultValue"), number("minValue"),
                      number("maxValue"), control ? render::AutomationRate::kRate : render::AutomationRate::aRate});
  }
  realmOf(info).registered(toUtf8(isolate, info[0]), std::move(params));
}

/// (name, thrown)
void registrationFailed(const Info& info) {
  Realm& realm = realmOf(info);
  const render::ScriptError error = describe(realm.context(), info[1], {});
  std::string reason = error.name.empty() ? error.message : error.name + ": " + error.message;
  if (!error.url.empty()) reason += " (" + error.url + ":" + std::to_string(error.line) + ":" + std::to_string(error.column) + ")";
  realm.config().events->registrationFailed({toUtf8(info.GetIsolate(), info[0]), std::move(reason)});
}

/// Constructor of objects that the serializer takes for host objects, which structured clone refuses.
void platformObject(const Info& info) {
  if (!info.IsConstructCall()) {
    info.GetIsolate()->ThrowException(v8::Exception::TypeError(toV8(info.GetIsolate(), "Illegal constructor")));
  }
}

}  // namespace

v8::Local<v8::Object> makeNatives(Realm& realm, v8::Local<v8::Float64Array> clock) {
  v8::Isolate* isolate = realm.isolate();
  const auto context = realm.context();
  const auto natives = v8::Object::New(isolate);
  const auto set = [&](const char* name, v8::Local<v8::Value> value) {
    natives->Set(context, toV8(isolate, name), value).Check();
  };
  const auto platform = v8::FunctionTemplate::New(isolate, platformObject);
  platform->InstanceTemplate()->SetInternalFieldCount(1);
  set("PlatformObject", platform->GetFunction(context).ToLocalChecked());
  constexpr std::pair<const char*, v8::FunctionCallback> functions[] = {
      {"post", post},     {"start", start},   {"close", close},
      {"scopePort", scopePort}, {"allocateShared", allocateShared}, {"adoptMemory", adoptMemory}, {"notify", notify}, {"print", print},   {"report", report}, {"queueMicrotask", queueMicrotask},
      {"now", now},       {"owner", owner},   {"clone", clone},   {"openChannel", openChannel}, {"transferable", transferable},   {"library", library}, {"defineLazily", defineLazily},
      {"registered", registered}, {"registrationFailed", registrationFailed}};
  for (const auto& [name, callback] : functions) {
    set(name, v8::Function::New(context, callback).ToLocalChecked());
  }
  set("clock", clock);
  const std::chrono::duration<double, std::milli> wall = std::chrono::system_clock::now().time_since_epoch();
  set("timeOrigin", v8::Number::New(isolate, wall.count()));
  set("sampleRate", v8::Number::New(isolate, realm.config().sampleRate));
  set("quantum", v8::Integer::NewFromUnsigned(isolate, realm.config().quantum));
  return natives;
}

}  // namespace backline::script
