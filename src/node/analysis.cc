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
  };
}

}  // namespace backline::node
