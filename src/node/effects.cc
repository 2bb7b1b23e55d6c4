#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

Object makeDynamicsCompressor(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  DynamicsCompressorOptions options{nodeOptions(given)};
  read(given, "attack", options.attack);
  read(given, "knee", options.knee);
  read(given, "ratio", options.ratio);
  read(given, "release", options.release);
  read(given, "threshold", options.threshold);
  return std::make_shared<DynamicsCompressorNode>(Impl::of(info[0]).context(), options);
}

Object makeConvolver(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  ConvolverOptions options{nodeOptions(given)};
  read(given, "buffer", options.buffer);
  read(given, "disableNormalization", options.disableNormalization);
  auto node = std::make_shared<ConvolverNode>(Impl::of(info[0]).context(), options);
  if (options.buffer) holdBuffer(info.This().As<Napi::Object>(), given.Get("buffer"));
  return node;
}

Object makeWaveShaper(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  WaveShaperOptions options{nodeOptions(given)};
  read(given, "curve", options.curve);
  read(given, "oversample", options.oversample);
  return std::make_shared<WaveShaperNode>(Impl::of(info[0]).context(), options);
}

Napi::Value setCurve(Impl& impl, const Info& info) {
  auto& node = impl.as<WaveShaperNode>();
  if (info[0].IsNull()) {
    node.clearCurve();
  } else {
    node.setCurve(FromJs<std::vector<float>>::from(info[0]));
  }
  return info.Env().Undefined();
}

Napi::Value getBuffer(Impl& impl, const Info&) { return heldBuffer(impl); }
Napi::Value setBuffer(Impl& impl, const Info& info) {
  impl.as<ConvolverNode>().setBuffer(FromJs<std::shared_ptr<AudioBuffer>>::from(info[0]));
  holdBuffer(impl.Value(), info[0]);
  return info.Env().Undefined();
}

}  // namespace

std::vector<ClassTable> effectClasses() {
  return {
      {"DynamicsCompressorNode", &makeDynamicsCompressor, nullptr,
       nodeMembers(render::kDynamicsCompressor, {attribute<&DynamicsCompressorNode::reduction>("reduction")})},
      {"ConvolverNode", &makeConvolver, nullptr,
       nodeMembers(render::kConvolver, {attribute<&getBuffer, &setBuffer>("buffer"),
                                        attribute<&ConvolverNode::normalize, &ConvolverNode::setNormalize>("normalize")})},
      {"WaveShaperNode", &makeWaveShaper, nullptr,
       nodeMembers(render::kWaveShaper, {method<&setCurve>("setCurve"),
                                         attribute<&WaveShaperNode::oversample, &WaveShaperNode::setOversample>("oversample")})},
  };
}

}  // namespace backline::node
