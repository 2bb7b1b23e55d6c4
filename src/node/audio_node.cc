#include <algorithm>
#include <string_view>

#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

std::uint32_t indexAt(const Info& info, std::size_t argument) { return FromJs<std::uint32_t>::from(info[argument]); }
AudioNode& nodeAt(const Info& info, std::size_t argument) { return Impl::of(info[argument]).as<AudioNode>(); }
AudioParam& paramAt(const Info& info, std::size_t argument) { return Impl::of(info[argument]).as<AudioParam>(); }

Napi::Value connect(Impl& impl, const Info& info) {
  impl.as<AudioNode>().connect(nodeAt(info, 0), indexAt(info, 1), indexAt(info, 2));
  return info.Env().Undefined();
}
Napi::Value connectParam(Impl& impl, const Info& info) {
  impl.as<AudioNode>().connect(paramAt(info, 0), indexAt(info, 1));
  return info.Env().Undefined();
}
Napi::Value disconnect(Impl& impl, const Info& info) {
  impl.as<AudioNode>().disconnect();
  return info.Env().Undefined();
}
Napi::Value disconnectOutput(Impl& impl, const Info& info) {
  impl.as<AudioNode>().disconnect(indexAt(info, 0));
  return info.Env().Undefined();
}
Napi::Value disconnectNode(Impl& impl, const Info& info) {
  impl.as<AudioNode>().disconnect(nodeAt(info, 0));
  return info.Env().Undefined();
}
Napi::Value disconnectNodeOutput(Impl& impl, const Info& info) {
  impl.as<AudioNode>().disconnect(nodeAt(info, 0), indexAt(info, 1));
  return info.Env().Undefined();
}
Napi::Value disconnectNodeOutputInput(Impl& impl, const Info& info) {
  impl.as<AudioNode>().disconnect(nodeAt(info, 0), indexAt(info, 1), indexAt(info, 2));
  return info.Env().Undefined();
}
Napi::Value disconnectParam(Impl& impl, const Info& info) {
  impl.as<AudioNode>().disconnect(paramAt(info, 0));
  return info.Env().Undefined();
}
Napi::Value disconnectParamOutput(Impl& impl, const Info& info) {
  impl.as<AudioNode>().disconnect(paramAt(info, 0), indexAt(info, 1));
  return info.Env().Undefined();
}

Napi::Value param(Impl& impl, const Info& info) {
  const std::string name = info[0].ToString().Utf8Value();
  return heldParam(impl, name, impl.as<AudioNode>().param(name));
}

// Fields that the declaration says: the accessor's data is the field's place.
std::uint32_t placeOf(const Info& info) { return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(info.Data())); }

Napi::Value getField(Impl& impl, const Info& info) {
  const auto& node = impl.as<AudioNode>();
  const std::uint32_t place = placeOf(info);
  const double value = node.field(place);
  if (node.declaration().fields[place].kind == render::FieldKind::boolean) return Napi::Boolean::New(info.Env(), value != 0);
  return Napi::Number::New(info.Env(), value);
}
Napi::Value setField(Impl& impl, const Info& info) {
  const double value = info[0].IsBoolean() ? info[0].As<Napi::Boolean>().Value() : info[0].ToNumber().DoubleValue();
  impl.as<AudioNode>().setField(placeOf(info), value);
  return info.Env().Undefined();
}

Object makeGain(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  GainOptions options{nodeOptions(given)};
  read(given, "gain", options.gain);
  return std::static_pointer_cast<AudioNode>(std::make_shared<GainNode>(Impl::of(info[0]).context(), options));
}

}  // namespace

void keepWithNode(Impl& impl) {
  auto& node = impl.as<AudioNode>();
  node.onkept = [weak = impl.weak()](bool kept) {
    if (auto self = weak.lock()) (*self)->keep(kept);
  };
  impl.keep(node.link()->keeps(node.id()));
}

Napi::Value heldParam(const Impl& impl, const std::string& name, std::shared_ptr<AudioParam> param) {
  const std::string key = "$" + name;
  Napi::Object self = impl.Value();
  const Napi::Value known = self.Get(key);
  if (!known.IsUndefined()) return known;
  if (!param) return impl.Env().Null();
  Napi::Object made = Impl::wrap(impl.Env(), "AudioParam", std::move(param));
  self.DefineProperty(Napi::PropertyDescriptor::Value(key, made));
  return made;
}

Napi::Value heldBuffer(const Impl& impl) {
  const Napi::Value held = impl.Value().Get("$buffer");
  return held.IsUndefined() ? impl.Env().Null() : held;
}

void holdBuffer(Napi::Object self, const Napi::Value& buffer) {
  self.DefineProperty(Napi::PropertyDescriptor::Value("$buffer", buffer, napi_configurable));
}

AudioNodeOptions nodeOptions(const Napi::Object& options) {
  AudioNodeOptions result;
  read(options, "channelCount", result.channelCount);
  read(options, "channelCountMode", result.channelCountMode);
  read(options, "channelInterpretation", result.channelInterpretation);
  return result;
}

std::vector<napi_property_descriptor> nodeMembers(const render::NodeDeclaration& declaration,
                                                  std::vector<napi_property_descriptor> own) {
  std::vector<napi_property_descriptor> members = {
      attribute<&AudioNode::numberOfInputs>("numberOfInputs"),
      attribute<&AudioNode::numberOfOutputs>("numberOfOutputs"),
      attribute<&AudioNode::channelCount, &AudioNode::setChannelCount>("channelCount"),
      attribute<&AudioNode::channelCountMode, &AudioNode::setChannelCountMode>("channelCountMode"),
      attribute<&AudioNode::channelInterpretation, &AudioNode::setChannelInterpretation>("channelInterpretation"),
      method<&connect>("connect"),
      method<&connectParam>("connectParam"),
      method<&disconnect>("disconnect"),
      method<&disconnectOutput>("disconnectOutput"),
      method<&disconnectNode>("disconnectNode"),
      method<&disconnectNodeOutput>("disconnectNodeOutput"),
      method<&disconnectNodeOutputInput>("disconnectNodeOutputInput"),
      method<&disconnectParam>("disconnectParam"),
      method<&disconnectParamOutput>("disconnectParamOutput"),
      method<&param>("param"),
  };
  for (std::size_t i = 0; i < declaration.fields.size(); ++i) {
    const auto& field = declaration.fields[i];
    if (field.kind != render::FieldKind::boolean && field.kind != render::FieldKind::number) continue;
    const bool owned = std::any_of(own.begin(), own.end(), [&](const auto& member) { return std::string_view(member.utf8name) == field.name; });
    if (owned) continue;
    auto accessor = attribute<&getField, &setField>(field.name);
    accessor.data = reinterpret_cast<void*>(static_cast<std::uintptr_t>(i));
    members.push_back(accessor);
  }
  members.insert(members.end(), own.begin(), own.end());
  return members;
}

std::vector<ClassTable> nodeClasses() {
  return {
      {"GainNode", &makeGain, nullptr, nodeMembers(render::kGain)},
      {"AudioDestinationNode", nullptr, nullptr,
       nodeMembers(render::kDestination, {attribute<&AudioDestinationNode::maxChannelCount>("maxChannelCount")})},
  };
}

}  // namespace backline::node
