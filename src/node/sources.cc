#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

Napi::Value start(Impl& impl, const Info& info) {
  impl.as<AudioScheduledSourceNode>().start(FromJs<double>::from(info[0]));
  return info.Env().Undefined();
}

Napi::Value startBuffer(Impl& impl, const Info& info) {
  impl.as<AudioBufferSourceNode>().start(FromJs<double>::from(info[0]),
                                         FromJs<std::optional<double>>::from(info[1]).value_or(0),
                                         FromJs<std::optional<double>>::from(info[2]));
  return info.Env().Undefined();
}

void attachSource(Impl& impl) {
  keepWithNode(impl);
  impl.as<AudioScheduledSourceNode>().onended = [weak = impl.weak()] {
    if (auto self = weak.lock()) (*self)->environment().emit(**self, "ended", (*self)->Env().Undefined());
  };
}

Napi::Value getBuffer(Impl& impl, const Info&) { return heldBuffer(impl); }
Napi::Value setBuffer(Impl& impl, const Info& info) {
  impl.as<AudioBufferSourceNode>().setBuffer(FromJs<std::shared_ptr<AudioBuffer>>::from(info[0]));
  holdBuffer(impl.Value(), info[0]);
  return info.Env().Undefined();
}

Object makeConstantSource(const Info& info, Environment&) {
  ConstantSourceOptions options;
  read(optionsAt(info, 1), "offset", options.offset);
  return std::make_shared<ConstantSourceNode>(Impl::of(info[0]).context(), options);
}

Object makeOscillator(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  OscillatorOptions options{nodeOptions(given)};
  read(given, "type", options.type);
  read(given, "frequency", options.frequency);
  read(given, "detune", options.detune);
  read(given, "periodicWave", options.periodicWave);
  return std::make_shared<OscillatorNode>(Impl::of(info[0]).context(), options);
}

Napi::Value setPeriodicWave(Impl& impl, const Info& info) {
  impl.as<OscillatorNode>().setPeriodicWave(Impl::of(info[0]).as<PeriodicWave>());
  return info.Env().Undefined();
}

Object makeBufferSource(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  AudioBufferSourceOptions options;
  read(given, "buffer", options.buffer);
  read(given, "detune", options.detune);
  read(given, "loop", options.loop);
  read(given, "loopEnd", options.loopEnd);
  read(given, "loopStart", options.loopStart);
  read(given, "playbackRate", options.playbackRate);
  auto node = std::make_shared<AudioBufferSourceNode>(Impl::of(info[0]).context(), options);
  if (options.buffer) holdBuffer(info.This().As<Napi::Object>(), given.Get("buffer"));
  return node;
}

std::vector<napi_property_descriptor> sourceMembers(const render::NodeDeclaration& declaration, napi_property_descriptor begin,
                                                    std::vector<napi_property_descriptor> own = {}) {
  own.push_back(begin);
  own.push_back(method<&AudioScheduledSourceNode::stop>("stop"));
  return nodeMembers(declaration, std::move(own));
}

}  // namespace

std::vector<ClassTable> sourceClasses() {
  return {
      {"ConstantSourceNode", &makeConstantSource, &attachSource,
       sourceMembers(render::kConstantSource, method<&start>("start"))},
      {"OscillatorNode", &makeOscillator, &attachSource,
       sourceMembers(render::kOscillator, method<&start>("start"),
                     {attribute<&OscillatorNode::type, &OscillatorNode::setType>("type"),
                      method<&setPeriodicWave>("setPeriodicWave")})},
      {"AudioBufferSourceNode", &makeBufferSource, &attachSource,
       sourceMembers(render::kAudioBufferSource, method<&startBuffer>("start"),
                     {attribute<&getBuffer, &setBuffer>("buffer")})},
  };
}

}  // namespace backline::node
