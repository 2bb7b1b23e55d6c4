#include "control/audio_worklet_node.h"

#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

AudioWorkletNodeOptions optionsOf(const Napi::Object& given) {
  AudioWorkletNodeOptions options{nodeOptions(given)};
  read(given, "numberOfInputs", options.numberOfInputs);
  read(given, "numberOfOutputs", options.numberOfOutputs);
  if (const Napi::Value counts = given.Get("outputChannelCount"); counts.IsArray()) {
    const auto list = counts.As<Napi::Array>();
    options.outputChannelCount.emplace();
    for (std::uint32_t i = 0; i < list.Length(); ++i) {
      options.outputChannelCount->push_back(FromJs<std::uint32_t>::from(list[i]));
    }
  }
  if (const Napi::Value data = given.Get("parameterData"); data.IsObject()) {
    const auto values = data.As<Napi::Object>();
    const auto names = values.GetPropertyNames();
    for (std::uint32_t i = 0; i < names.Length(); ++i) {
      const std::string name = FromJs<std::string>::from(names[i]);
      options.parameterData.emplace_back(name, FromJs<double>::from(values.Get(name)));
    }
  }
  options.processorOptions = messageOf(given.Get("serialized"));
  return options;
}

Object makeWorkletNode(const Info& info, Environment&) {
  auto node = AudioWorkletNode::create(Impl::of(info[0]).context(), FromJs<std::string>::from(info[1]),
                                       optionsOf(optionsAt(info, 2)));
  return std::static_pointer_cast<AudioNode>(std::move(node));
}

void emitError(Impl& impl, const Error& error) {
  const render::ScriptError& script = *error.script();
  auto detail = Napi::Object::New(impl.Env());
  detail.Set("name", script.name);
  detail.Set("message", script.message);
  detail.Set("filename", script.url);
  detail.Set("lineno", script.line);
  detail.Set("colno", script.column);
  detail.Set("stack", script.stack);
  impl.environment().emit(impl, "processorerror", detail);
}

void attachWorkletNode(Impl& impl) {
  keepWithNode(impl);
  auto& node = impl.as<AudioWorkletNode>();
  node.onmessage = [weak = impl.weak()](std::span<const std::byte> message) {
    auto self = weak.lock();
    if (!self) return;
    (*self)->environment().emit(**self, "message", toJsBytes((*self)->Env(), message));
  };
  node.onprocessorerror = [weak = impl.weak()](const Error& error) {
    if (auto self = weak.lock()) emitError(**self, error);
  };
  node.onprocessorended = [weak = impl.weak()] {
    if (auto self = weak.lock()) (*self)->environment().emit(**self, "processorended", (*self)->Env().Undefined());
  };
}

Napi::Value parameterNames(Impl& impl, const Info& info) {
  auto names = Napi::Array::New(info.Env());
  for (const auto& param : impl.as<AudioNode>().params()) names.Set(names.Length(), param->name());
  return names;
}

Napi::Value postMessage(Impl& impl, const Info& info) {
  impl.as<AudioWorkletNode>().postMessage(messageOf(info[0]));
  return info.Env().Undefined();
}

}  // namespace

ClassTable audioWorkletNodeClass() {
  return {"AudioWorkletNode", &makeWorkletNode, &attachWorkletNode,
          nodeMembers(render::kAudioWorklet, {attribute<&AudioWorkletNode::cost>("cost"), method<&parameterNames>("parameterNames"), method<&postMessage>("postMessage")})};
}

}  // namespace backline::node
