#include "control/biquad_filter_node.h"
#include "control/iir_filter_node.h"
#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

Object makeBiquad(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  BiquadFilterOptions options{nodeOptions(given)};
  read(given, "type", options.type);
  read(given, "Q", options.Q);
  read(given, "detune", options.detune);
  read(given, "frequency", options.frequency);
  read(given, "gain", options.gain);
  return std::make_shared<BiquadFilterNode>(Impl::of(info[0]).context(), options);
}

Object makeIir(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  IIRFilterOptions options{nodeOptions(given)};
  read(given, "feedforward", options.feedforward);
  read(given, "feedback", options.feedback);
  return std::make_shared<IIRFilterNode>(Impl::of(info[0]).context(), options);
}

}  // namespace

std::vector<ClassTable> filterClasses() {
  return {
      {"BiquadFilterNode", &makeBiquad, nullptr,
       nodeMembers(render::kBiquadFilter, {attribute<&BiquadFilterNode::type, &BiquadFilterNode::setType>("type"),
                                           method<&BiquadFilterNode::getFrequencyResponse>("getFrequencyResponse")})},
      {"IIRFilterNode", &makeIir, nullptr,
       nodeMembers(render::kIirFilter, {method<&IIRFilterNode::getFrequencyResponse>("getFrequencyResponse")})},
  };
}

}  // namespace backline::node
