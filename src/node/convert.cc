#include "node/convert.h"

namespace backline::node {

namespace {

Napi::Value scriptError(Napi::Env env, const Error& error) {
  const render::ScriptError& script = *error.script();
  const Napi::Value constructor = env.Global().Get(script.name);
  const bool native = script.name.ends_with("Error") && constructor.IsFunction();
  auto value = (native ? constructor : env.Global().Get("Error")).As<Napi::Function>().New({Napi::String::New(env, script.message)});
  if (!native) value.Set("name", script.name);
  value.Set("url", script.url);
  value.Set("line", Napi::Number::New(env, script.line));
  value.Set("column", Napi::Number::New(env, script.column));
  std::string stack = script.stack;
  if (stack.empty()) {
    stack = script.name + ": " + script.message;
    if (!script.url.empty()) {
      stack += "\n    at " + script.url + ":" + std::to_string(script.line) + ":" + std::to_string(script.column);
    }
  }
  value.Set("stack", stack);
  return value;
}

}  // namespace

Napi::Value toJsValue(Napi::Env env, const Error& error) {
  switch (error.kind()) {
    case Error::Kind::typeError: return Napi::TypeError::New(env, error.what()).Value();
    case Error::Kind::rangeError: return Napi::RangeError::New(env, error.what()).Value();
    case Error::Kind::script: return scriptError(env, error);
    default: return Environment::of(env).makeDomException(error.what(), error.name());
  }
}

Napi::Error toJs(Napi::Env env, const Error& error) { return Napi::Error(env, toJsValue(env, error)); }

render::Message messageOf(const Napi::Value& value) {
  if (!value.IsTypedArray()) return {};
  const auto bytes = value.As<Napi::Uint8Array>();
  const auto* first = reinterpret_cast<const std::byte*>(bytes.Data());
  return {first, first + bytes.ByteLength()};
}

Napi::Value toJsBytes(Napi::Env env, std::span<const std::byte> bytes) {
  auto array = Napi::Uint8Array::New(env, bytes.size());
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::byte*>(array.Data()));
  return array;
}

std::vector<float> floatsOf(const Napi::Value& value) {
  if (value.IsTypedArray()) {
    const auto view = FromJs<std::span<const float>>::from(value);
    return {view.begin(), view.end()};
  }
  std::vector<float> floats;
  const auto array = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < array.Length(); ++i) floats.push_back(Napi::Value(array[i]).ToNumber().FloatValue());
  return floats;
}

Napi::Object optionsAt(const Napi::CallbackInfo& info, std::size_t index) {
  return info[index].IsObject() ? info[index].As<Napi::Object>() : Napi::Object::New(info.Env());
}

}  // namespace backline::node
