// Gives a test in JavaScript a session with only worklets in it: every export is one function of `Session`, by the session's number.

#include <node_api.h>

#include <cstring>

#include "driver.h"
#include "script/addon_state.h"
#include "script/program_messages.h"
#include "script/program_pipes.h"
#include "script/script_error.h"

namespace backline::script::test {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

/// One for each environment that loads the add-on; left to the process so that sessions are alive when it exits.
struct State {
  std::shared_ptr<Owner> owner;
  std::uint32_t last = 0;
  std::map<std::uint32_t, std::unique_ptr<Session>> sessions;
};

/// Reading and writing JavaScript values in one call.
struct Js {
  explicit Js(const Info& info) : info(info), isolate(info.GetIsolate()), context(isolate->GetCurrentContext()) {}

  State& state() { return *static_cast<State*>(info.Data().As<v8::External>()->Value()); }
  Session& session() { return *state().sessions.at(number(info[0])); }
  std::uint32_t number(v8::Local<v8::Value> value) { return value->Uint32Value(context).FromMaybe(0); }
  v8::Local<v8::Value> get(v8::Local<v8::Value> object, const char* name) {
    return object.As<v8::Object>()->Get(context, toV8(isolate, name)).ToLocalChecked();
  }
  template <typename F>
  void each(v8::Local<v8::Value> array, F use) {
    if (!array->IsArray()) return;
    for (std::uint32_t i = 0; i < array.As<v8::Array>()->Length(); ++i) {
      use(array.As<v8::Array>()->Get(context, i).ToLocalChecked());
    }
  }
  std::vector<std::uint32_t> numbers(v8::Local<v8::Value> array) {
    std::vector<std::uint32_t> result;
    each(array, [&](auto item) { result.push_back(number(item)); });
    return result;
  }
  std::vector<float> floats(v8::Local<v8::Value> value) {
    std::vector<float> result;
    if (!value->IsFloat32Array()) return result;
    result.resize(value.As<v8::Float32Array>()->Length());
    value.As<v8::Float32Array>()->CopyContents(result.data(), result.size() * sizeof(float));
    return result;
  }
  std::vector<std::byte> bytes(v8::Local<v8::Value> value) {
    std::vector<std::byte> result(value.As<v8::ArrayBufferView>()->ByteLength());
    value.As<v8::ArrayBufferView>()->CopyContents(result.data(), result.size());
    return result;
  }
  template <typename T>
  v8::Local<v8::Value> typed(const void* data, std::size_t size, std::size_t length) {
    const auto buffer = v8::ArrayBuffer::New(isolate, size);
    if (size > 0) std::memcpy(buffer->GetBackingStore()->Data(), data, size);
    return T::New(buffer, 0, length);
  }
  v8::Local<v8::Object> object(std::initializer_list<std::pair<const char*, v8::Local<v8::Value>>> members) {
    const auto result = v8::Object::New(isolate);
    for (const auto& [name, value] : members) result->Set(context, toV8(isolate, name), value).Check();
    return result;
  }
  v8::Local<v8::Value> error(const render::ScriptError& error) {
    return object({{"name", toV8(isolate, error.name)},
                   {"message", toV8(isolate, error.message)},
                   {"url", toV8(isolate, error.url)},
                   {"line", v8::Integer::NewFromUnsigned(isolate, error.line)},
                   {"column", v8::Integer::NewFromUnsigned(isolate, error.column)},
                   {"stack", toV8(isolate, error.stack)}});
  }
  void answer(v8::Local<v8::Value> value) { info.GetReturnValue().Set(value); }

  const Info& info;
  v8::Isolate* isolate;
  v8::Local<v8::Context> context;
};

/// (sampleRate, quantum, sameProcess, seconds of processor time that a call may take; 0: unwatched) → session
void open(const Info& info) {
  Js js(info);
  State& state = js.state();
  const auto rate = static_cast<float>(info[0]->NumberValue(js.context).FromMaybe(48000));
  state.sessions.emplace(++state.last, std::make_unique<Session>(*state.owner, rate, js.number(info[1]),
                                                                 info[2]->BooleanValue(js.isolate),
                                                                 info[3]->NumberValue(js.context).FromMaybe(0)));
  info.GetReturnValue().Set(state.last);
}

void close(const Info& info) {
  Js js(info);
  js.state().sessions.erase(js.number(info[0]));
}

/// (session, [{url, source, imports: [[specifier, url]]}], whether they replace others) → error or null
void evaluate(const Info& info) {
  Js js(info);
  std::vector<render::ModuleSource> modules;
  js.each(info[1], [&](auto item) {
    render::ModuleSource module{toUtf8(js.isolate, js.get(item, "url")), toUtf8(js.isolate, js.get(item, "source")), {}};
    js.each(js.get(item, "imports"), [&](auto pair) {
      module.imports.emplace_back(toUtf8(js.isolate, js.get(pair, "0")), toUtf8(js.isolate, js.get(pair, "1")));
    });
    modules.push_back(std::move(module));
  });
  render::ScriptError error;
  const render::Lane::Stretch stretch(js.session().box.compile, 1, render::Phase::module);
  if (!js.session().runtime->evaluate(modules, info[2]->BooleanValue(js.isolate), error)) return js.answer(js.error(error));
  info.GetReturnValue().SetNull();
}

/// (session, node, {name, inputs, outputs, options: bytes, params: [name]; left out: as registered}) → error or null
void create(const Info& info) {
  Js js(info);
  render::ProcessorOptions options;
  options.name = toUtf8(js.isolate, js.get(info[2], "name"));
  options.inputs = js.number(js.get(info[2], "inputs"));
  options.outputs = js.number(js.get(info[2], "outputs"));
  options.options = js.bytes(js.get(info[2], "options"));
  render::ScriptError error;
  const std::uint32_t id = js.number(info[1]);
  const render::Lane::Stretch stretch(js.session().box.compile, id, render::Phase::constructor);
  std::vector<render::ProcessorParam> params = js.session().realm->params(options.name);
  if (const auto given = js.get(info[2], "params"); given->IsArray()) {
    params.clear();
    js.each(given, [&](auto name) { params.push_back({toUtf8(js.isolate, name)}); });
  }
  auto processor = js.session().runtime->create(id, options, params, error);
  if (!processor) return js.answer(js.error(error));
  Node& node = js.session().nodes[id];
  node.processor = std::move(processor);
  node.inputs.resize(options.inputs);
  node.outputs.assign(options.outputs, 1);
  info.GetReturnValue().SetNull();
}

/// (session, node, {inputs: [Float32Array of all channels], outputs: [channels], params: [Float32Array]})
void configure(const Info& info) {
  Js js(info);
  Node& node = js.session().nodes.at(js.number(info[1]));
  node.inputs.clear();
  node.params.clear();
  js.each(js.get(info[2], "inputs"), [&](auto item) { node.inputs.push_back(js.floats(item)); });
  js.each(js.get(info[2], "params"), [&](auto item) { node.params.push_back(js.floats(item)); });
  node.outputs = js.numbers(js.get(info[2], "outputs"));
}

/// (session, [node]) → [{result, outputs: [Float32Array], silent: [boolean]}]
void quantum(const Info& info) {
  Js js(info);
  const auto order = js.numbers(info[1]);
  js.session().quantum(order);
  const auto results = v8::Array::New(js.isolate);
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    const Node& node = js.session().nodes.at(order[i]);
    const auto outputs = v8::Array::New(js.isolate), silent = v8::Array::New(js.isolate);
    for (std::uint32_t o = 0; o < node.rendered.size(); ++o) {
      const auto& samples = node.rendered[o];
      outputs->Set(js.context, o, js.typed<v8::Float32Array>(samples.data(), samples.size() * 4, samples.size())).Check();
      silent->Set(js.context, o, v8::Boolean::New(js.isolate, node.silent[o])).Check();
    }
    const char* names[] = {"keepAlive", "done", "failed"};
    const auto result = toV8(js.isolate, names[static_cast<int>(node.result)]);
    results->Set(js.context, i, js.object({{"result", result}, {"outputs", outputs}, {"silent", silent}})).Check();
  }
  js.answer(results);
}

/// (session, node, bytes)
void receive(const Info& info) {
  Js js(info);
  const auto bytes = js.bytes(info[2]);
  js.session().nodes.at(js.number(info[1])).processor->receive(bytes);
}

void destroy(const Info& info) {
  Js js(info);
  js.session().nodes.erase(js.number(info[1]));
}

void instances(const Info& info) {
  Js js(info);
  info.GetReturnValue().Set(static_cast<std::uint32_t>(js.session().instances()));
}

/// (session, messages)
void room(const Info& info) {
  Js js(info);
  js.session().events.room = js.number(info[1]);
}

/// (session, node, calls, perQuantum) → ns
void measure(const Info& info) {
  Js js(info);
  info.GetReturnValue().Set(js.session().measure(js.number(info[1]), js.number(info[2]), js.number(info[3])));
}

/// (session, [node], quanta) → bytes
void heapGrowth(const Info& info) {
  Js js(info);
  info.GetReturnValue().Set(js.session().heapGrowth(js.numbers(info[1]), js.number(info[2])));
}

/// (session, [node], quanta) → number
void collections(const Info& info) {
  Js js(info);
  info.GetReturnValue().Set(js.session().collections(js.numbers(info[1]), js.number(info[2])));
}

/// (session, [node], quanta) → Float32Array of seconds
void pace(const Info& info) {
  Js js(info);
  const std::vector<float> durations = js.session().pace(js.numbers(info[1]), js.number(info[2]));
  js.answer(js.typed<v8::Float32Array>(durations.data(), durations.size() * sizeof(float), durations.size()));
}

/// (session, [node], microseconds of pause)
void startThread(const Info& info) {
  Js js(info);
  js.session().startThread(js.numbers(info[1]), std::chrono::microseconds(js.number(info[2])));
}

/// (session) → ns
void stopThread(const Info& info) { info.GetReturnValue().Set(Js(info).session().stopThread()); }

v8::Local<v8::Value> toJs(Js& js, const Event& event) {
  const auto params = v8::Array::New(js.isolate);
  for (std::uint32_t i = 0; i < event.params.size(); ++i) {
    const auto& param = event.params[i];
    const auto number = [&](float value) { return v8::Number::New(js.isolate, value); };
    const bool control = param.rate == render::AutomationRate::kRate;
    params->Set(js.context, i,
                js.object({{"name", toV8(js.isolate, param.name)},
                           {"initial", number(param.initial)},
                           {"minimum", number(param.minimum)},
                           {"maximum", number(param.maximum)},
                           {"rate", toV8(js.isolate, control ? "k-rate" : "a-rate")}}))
        .Check();
  }
  return js.object({{"kind", toV8(js.isolate, event.kind)},
                    {"node", v8::Integer::NewFromUnsigned(js.isolate, event.node)},
                    {"message", js.typed<v8::Uint8Array>(event.message.data(), event.message.size(), event.message.size())},
                    {"error", js.error(event.error)},
                    {"name", toV8(js.isolate, event.name)},
                    {"text", toV8(js.isolate, event.text)},
                    {"place", toV8(js.isolate, event.place)},
                    {"params", params}});
}

/// () → bytes of this process's own SharedArrayBuffers that are in use
void sharedBytes(const Info& info) { info.GetReturnValue().Set(static_cast<double>(script::processPool()->used())); }

/// (session) → [event]
void takeEvents(const Info& info) {
  Js js(info);
  const auto result = v8::Array::New(js.isolate);
  for (const Event& event : js.session().events.take()) {
    result->Set(js.context, result->Length(), toJs(js, event)).Check();
  }
  js.answer(result);
}

}  // namespace

}  // namespace backline::script::test

NAPI_MODULE_INIT() {
  using namespace backline::script::test;
  const auto context = v8::Isolate::GetCurrent()->GetCurrentContext();
  v8::Isolate* isolate = context->GetIsolate();
  v8::Local<v8::Object> object;
  static_assert(sizeof object == sizeof exports);
  std::memcpy(static_cast<void*>(&object), &exports, sizeof object);
  auto* state = new State{backline::script::attachOwner(context, backline::script::limitsOfEnvironment())};
  backline::script::exportMessages(context, object, state->owner->shared());
  backline::script::exportPipes(env, exports);
  const auto data = v8::External::New(isolate, state);
  constexpr std::pair<const char*, v8::FunctionCallback> functions[] = {
      {"open", open},           {"close", close},         {"evaluate", evaluate},     {"create", create},
      {"configure", configure}, {"quantum", quantum},     {"receive", receive},       {"destroy", destroy},
      {"instances", instances}, {"room", room},           {"measure", measure},       {"heapGrowth", heapGrowth}, {"collections", collections}, {"pace", pace},
      {"startThread", startThread}, {"stopThread", stopThread}, {"takeEvents", takeEvents}, {"sharedBytes", sharedBytes}};
  for (const auto& [name, callback] : functions) {
    const auto function = v8::Function::New(context, callback, data).ToLocalChecked();
    object->Set(context, backline::script::toV8(isolate, name), function).Check();
  }
  return exports;
}
