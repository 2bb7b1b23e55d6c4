#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

Object makeAnalyser(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  AnalyserOptions options{nodeOptions(given)};
  read(given, "fftSize", options.fftSize);
  read(given, "maxDecibels", options.maxDecibels);
  read(given, "minDecibels", options.minDecibels);
  read(given, "smoothingTimeConstant", options.smoothingTimeConstant);
  return std::static_pointer_cast<AudioNode>(std::make_shared<AnalyserNode>(Impl::of(info[0]).context(), options));
}

Object makeScriptProcessor(const Info& info, Environment&) {
  const auto number = [&](std::size_t argument) { return FromJs<std::uint32_t>::from(info[argument]); };
  return std::static_pointer_cast<AudioNode>(std::make_shared<ScriptProcessorNode>(Impl::of(info[0]).context(), number(1), number(2), number(3)));
}

void attachScriptProcessor(Impl& impl) {
  keepWithNode(impl);
  impl.as<ScriptProcessorNode>().onaudioprocess = [weak = impl.weak()](AudioProcessingEvent& event) {
    auto self = weak.lock();
    if (!self) return;
    const Napi::Env env = (*self)->Env();
    auto detail = Napi::Object::New(env);
    detail.Set("playbackTime", event.playbackTime);
    detail.Set("inputBuffer", Impl::wrap(env, "AudioBuffer", event.inputBuffer));
    detail.Set("outputBuffer", Impl::wrap(env, "AudioBuffer", event.outputBuffer));
    (*self)->environment().emit(**self, "audioprocess", detail);
  };
}

}  // namespace

std::vector<ClassTable> analysisClasses() {
  return {
      {"AnalyserNode", &makeAnalyser, nullptr,
       nodeMembers(render::kAnalyser,
                   {
                       attribute<&AnalyserNode::fftSize, &AnalyserNode::setFftSize>("fftSize"),
                       attribute<&AnalyserNode::frequencyBinCount>("frequencyBinCount"),
                       attribute<&AnalyserNode::minDecibels, &AnalyserNode::setMinDecibels>("minDecibels"),
                       attribute<&AnalyserNode::maxDecibels, &AnalyserNode::setMaxDecibels>("maxDecibels"),
                       attribute<&AnalyserNode::smoothingTimeConstant, &AnalyserNode::setSmoothingTimeConstant>("smoothingTimeConstant"),
                       method<&AnalyserNode::getFloatFrequencyData>("getFloatFrequencyData"),
                       method<&AnalyserNode::getByteFrequencyData>("getByteFrequencyData"),
                       method<&AnalyserNode::getFloatTimeDomainData>("getFloatTimeDomainData"),
                       method<&AnalyserNode::getByteTimeDomainData>("getByteTimeDomainData"),
                   })},
      {"ScriptProcessorNode", &makeScriptProcessor, &attachScriptProcessor,
       nodeMembers(render::kScriptProcessor, {
                                                 attribute<&ScriptProcessorNode::bufferSize>("bufferSize"),
                                                 attribute<&ScriptProcessorNode::missedBlocks>("missedBlocks"),
                                                 method<&ScriptProcessorNode::setHeard>("setHeard"),
                                             })},
  };
}

}  // namespace backline::node
