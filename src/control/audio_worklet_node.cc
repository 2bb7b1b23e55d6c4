#include "control/audio_worklet_node.h"

#include "control/base_audio_context.h"
#include "control/checks.h"

namespace backline {

namespace {

const std::vector<render::ProcessorParam>& descriptorsOf(BaseAudioContext& context, const std::string& name) {
  const AudioWorklet& worklet = context.audioWorklet();
  if (const auto* found = worklet.find(name)) return found->params;
  throw DomException("InvalidStateError", "name of the AudioWorkletNode: no processor is registered as \"" + name + "\"; " + worklet.explain(name));
}

/// Before anything is made: a refused node must leave nothing that the session would be told to remove.
const AudioWorkletNodeOptions& checked(BaseAudioContext& context, const std::string& name,
                                       const AudioWorkletNodeOptions& options) {
  descriptorsOf(context, name);
  if (options.numberOfInputs == 0 && options.numberOfOutputs == 0) {
    throw DomException("NotSupportedError", "numberOfInputs and numberOfOutputs of an AudioWorkletNode are both 0");
  }
  for (const std::uint32_t count : {options.numberOfInputs, options.numberOfOutputs}) {
    if (count > render::kMaxWorkletPorts) {
      throw DomException("NotSupportedError", "an AudioWorkletNode has at most " + std::to_string(render::kMaxWorkletPorts) +
                                                  " inputs and as many outputs, not " + std::to_string(count));
    }
  }
  if (options.channelCount) requireChannels(*options.channelCount, "channelCount");
  if (!options.outputChannelCount) return options;
  for (std::uint32_t channels : *options.outputChannelCount) requireChannels(channels, "every outputChannelCount");
  if (options.outputChannelCount->size() != options.numberOfOutputs) {
    throw DomException("IndexSizeError",
                       "outputChannelCount has " + std::to_string(options.outputChannelCount->size()) +
                           " elements, but numberOfOutputs is " + std::to_string(options.numberOfOutputs));
  }
  return options;
}

}  // namespace

AudioWorkletNode::AudioWorkletNode(BaseAudioContext& context, const std::string& name,
                                   const AudioWorkletNodeOptions& options)
    : AudioNode(context, render::kAudioWorklet, checked(context, name, options).numberOfInputs,
                options.numberOfOutputs, render::kAudioWorklet.channelRules) {
  const auto& descriptors = descriptorsOf(context, name);
  rules_ = {options.channelCount.value_or(rules_.count), options.channelCountMode.value_or(rules_.mode),
            options.channelInterpretation.value_or(rules_.interpretation)};

  render::CreateWorkletNode create{.params = descriptors, .rules = rules_};
  create.processor = {name, options.numberOfInputs, options.numberOfOutputs,
                      options.outputChannelCount, options.processorOptions};
  send(std::move(create));
  for (const auto& p : descriptors) addParam({p.name, p.initial, p.minimum, p.maximum, p.rate, false});
  for (const auto& [paramName, value] : options.parameterData) {
    if (auto param = this->param(paramName)) param->setValue(static_cast<float>(value));
  }
}

std::shared_ptr<AudioWorkletNode> AudioWorkletNode::create(BaseAudioContext& context, const std::string& name,
                                                           const AudioWorkletNodeOptions& options) {
  auto node = std::make_shared<AudioWorkletNode>(context, name, options);
  node->link()->keep(node);
  return node;
}

void AudioWorkletNode::postMessage(render::Message message) { send(render::PortMessage{std::move(message)}); }

void AudioWorkletNode::receive(const render::Notice& notice) {
  if (const auto* message = std::get_if<render::ProcessorMessage>(&notice)) {
    if (onmessage) onmessage(message->message);
  } else if (const auto* failed = std::get_if<render::ProcessorFailed>(&notice)) {
    if (onprocessorerror) onprocessorerror(Error(failed->error));
  } else if (std::holds_alternative<render::ProcessorEnded>(notice)) {
    if (onprocessorended) onprocessorended();
    link()->letGo(id());
  }
}

}  // namespace backline
