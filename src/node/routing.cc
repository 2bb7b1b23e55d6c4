#include "control/channel_merger_node.h"
#include "control/channel_splitter_node.h"
#include "control/delay_node.h"
#include "control/stereo_panner_node.h"
#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

Object makeMerger(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  ChannelMergerOptions options{nodeOptions(given)};
  read(given, "numberOfInputs", options.numberOfInputs);
  return std::make_shared<ChannelMergerNode>(Impl::of(info[0]).context(), options);
}

Object makeSplitter(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  ChannelSplitterOptions options{nodeOptions(given)};
  read(given, "numberOfOutputs", options.numberOfOutputs);
  return std::make_shared<ChannelSplitterNode>(Impl::of(info[0]).context(), options);
}

Object makeDelay(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  DelayOptions options{nodeOptions(given)};
  read(given, "maxDelayTime", options.maxDelayTime);
  read(given, "delayTime", options.delayTime);
  return std::make_shared<DelayNode>(Impl::of(info[0]).context(), options);
}

Object makeStereoPanner(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  StereoPannerOptions options{nodeOptions(given)};
  read(given, "pan", options.pan);
  return std::make_shared<StereoPannerNode>(Impl::of(info[0]).context(), options);
}

}  // namespace

std::vector<ClassTable> routingClasses() {
  return {
      {"ChannelMergerNode", &makeMerger, nullptr, nodeMembers(render::kChannelMerger)},
      {"ChannelSplitterNode", &makeSplitter, nullptr, nodeMembers(render::kChannelSplitter)},
      {"DelayNode", &makeDelay, nullptr, nodeMembers(render::kDelay)},
      {"StereoPannerNode", &makeStereoPanner, nullptr, nodeMembers(render::kStereoPanner)},
  };
}

}  // namespace backline::node
