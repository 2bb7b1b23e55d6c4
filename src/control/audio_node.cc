#include "control/audio_node.h"

#include <algorithm>
#include <cmath>

#include "control/base_audio_context.h"
#include "control/checks.h"

namespace backline {

namespace {

[[noreturn]] void throwNotConnected(const char* what) {
  throw DomException("InvalidAccessError", std::string(what) + " of disconnect is not connected to this node");
}

}  // namespace

AudioNode::AudioNode(BaseAudioContext& context, const render::NodeDeclaration& declaration, std::uint32_t inputs,
                     std::uint32_t outputs, render::ChannelRules rules)
    : rules_(rules),
      declaration_(declaration),
      handle_(std::make_shared<NodeHandle>(context.link(), context.link()->newNodeId())),
      inputs_(inputs),
      outputs_(outputs) {
  link()->attach(id(), this);
  for (const auto& field : declaration.fields) fields_.push_back(field.initial);
}

AudioNode::AudioNode(BaseAudioContext& context, const render::NodeDeclaration& declaration)
    : AudioNode(context, declaration, std::vector<double>(), declaration.channelRules) {}

AudioNode::AudioNode(BaseAudioContext& context, const render::NodeDeclaration& declaration, std::vector<double> arguments,
                     render::ChannelRules rules)
    : AudioNode(context, declaration, render::shapeOf(declaration, arguments).inputs, render::shapeOf(declaration, arguments).outputs, rules) {
  send(render::CreateNode{render::numberOf(declaration), rules_, std::move(arguments)});
  for (const auto& param : declaration.params) addParam(shapeOf(param, context.sampleRate()));
}

AudioNode::~AudioNode() { link()->detach(id()); }

void AudioNode::apply(const AudioNodeOptions& options) {
  if (options.channelCount) setChannelCount(*options.channelCount);
  if (options.channelCountMode) setChannelCountMode(*options.channelCountMode);
  if (options.channelInterpretation) setChannelInterpretation(*options.channelInterpretation);
}

void AudioNode::addParam(AudioParamShape shape) {
  const auto index = static_cast<std::uint32_t>(params_.size());
  params_.push_back(std::make_shared<AudioParam>(handle_, index, std::move(shape)));
}

std::shared_ptr<AudioParam> AudioNode::param(std::string_view name) const {
  for (const auto& param : params_) {
    if (param->name() == name) return param;
  }
  return nullptr;
}

// ------------------------------------------------------------------ channels and fields

void AudioNode::checkChannelCount(std::uint32_t count) const { requireChannels(count, "channelCount"); }

render::ChannelRules AudioNode::renderRules() const {
  render::ChannelRules rules = rules_;
  rules.count = std::max(1u, rules.count);
  return rules;
}

void AudioNode::setChannelCount(std::uint32_t count) {
  checkChannelCount(count);
  if (rules_.count == count) return;
  rules_.count = count;
  sendChannelRules();
}

void AudioNode::setChannelCountMode(ChannelCountMode mode) {
  checkChannelCountMode(mode);
  if (rules_.mode == mode) return;
  rules_.mode = mode;
  sendChannelRules();
}

void AudioNode::setChannelInterpretation(ChannelInterpretation interpretation) {
  checkChannelInterpretation(interpretation);
  if (rules_.interpretation == interpretation) return;
  rules_.interpretation = interpretation;
  sendChannelRules();
}

void AudioNode::setField(std::uint32_t index, double value) {
  const render::FieldDeclaration& declared = declaration_.fields[index];
  requireFinite(value, declared.name);
  if (value < declared.minimum || value > declared.maximum) {
    throw RangeError(std::string(declared.name) + " must be between " + textOf(declared.minimum) + " and " +
                     textOf(declared.maximum) + ", not " + textOf(value));
  }
  storeField(index, value);
}

void AudioNode::storeField(std::uint32_t index, double value) {
  if (fields_[index] == value) return;
  fields_[index] = value;
  send(render::SetField{index, value});
}

std::uint32_t AudioNode::fieldNamed(std::string_view name) const {
  std::uint32_t index = 0;
  while (declaration_.fields[index].name != name) ++index;
  return index;
}

// ------------------------------------------------------------------ connections

void AudioNode::requireOutput(std::uint32_t output, const char* method) const {
  if (output < outputs_) return;
  throw DomException("IndexSizeError", "output of " + std::string(method) + " is " + std::to_string(output) +
                                           ", but the node has " + std::to_string(outputs_));
}

void AudioNode::add(Connection connection) {
  for (const auto& existing : connections_) {
    if (existing == connection) return;
  }
  if (connection.toParam) {
    send(render::ConnectParam{connection.output, connection.destination->id, connection.place});
  } else {
    send(render::Connect{connection.output, connection.destination->id, connection.place});
  }
  connections_.push_back(std::move(connection));
}

AudioNode& AudioNode::connect(AudioNode& destination, std::uint32_t output, std::uint32_t input) {
  if (destination.link() != link()) {
    throw DomException("InvalidAccessError", "destinationNode of connect belongs to another context");
  }
  requireOutput(output, "connect");
  if (input >= destination.inputs_) {
    throw DomException("IndexSizeError", "input of connect is " + std::to_string(input) +
                                             ", but the destination has " + std::to_string(destination.inputs_));
  }
  add({output, destination.handle_, false, input});
  connected();
  destination.connected();
  return destination;
}

void AudioNode::connect(AudioParam& destination, std::uint32_t output) {
  if (destination.node()->link != link()) {
    throw DomException("InvalidAccessError", "destinationParam of connect belongs to another context");
  }
  requireOutput(output, "connect");
  add({output, destination.node(), true, destination.index()});
  connected();
}

template <class Predicate>
bool AudioNode::remove(Predicate matches) {
  bool any = false;
  for (const auto& connection : connections_) {
    if (!matches(connection)) continue;
    any = true;
    if (connection.toParam) {
      send(render::DisconnectParam{connection.output, connection.destination->id, connection.place});
    } else {
      send(render::Disconnect{connection.output, connection.destination->id, connection.place});
    }
  }
  std::erase_if(connections_, matches);
  return any;
}

void AudioNode::disconnect() {
  remove([](const Connection&) { return true; });
}

void AudioNode::disconnect(std::uint32_t output) {
  requireOutput(output, "disconnect");
  remove([=](const Connection& c) { return c.output == output; });
}

void AudioNode::disconnect(const AudioNode& destination) {
  const bool any = remove([&](const Connection& c) { return !c.toParam && c.destination == destination.handle_; });
  if (!any) throwNotConnected("destinationNode");
}

void AudioNode::disconnect(const AudioNode& destination, std::uint32_t output) {
  requireOutput(output, "disconnect");
  const bool any = remove(
      [&](const Connection& c) { return !c.toParam && c.destination == destination.handle_ && c.output == output; });
  if (!any) throwNotConnected("destinationNode");
}

void AudioNode::disconnect(const AudioNode& destination, std::uint32_t output, std::uint32_t input) {
  requireOutput(output, "disconnect");
  if (input >= destination.inputs_) {
    throw DomException("IndexSizeError", "input of disconnect is " + std::to_string(input) +
                                             ", but the destination has " + std::to_string(destination.inputs_));
  }
  const Connection wanted{output, destination.handle_, false, input};
  if (!remove([&](const Connection& c) { return c == wanted; })) throwNotConnected("destinationNode");
}

void AudioNode::disconnect(const AudioParam& destination) {
  const bool any = remove([&](const Connection& c) {
    return c.toParam && c.destination == destination.node() && c.place == destination.index();
  });
  if (!any) throwNotConnected("destinationParam");
}

void AudioNode::disconnect(const AudioParam& destination, std::uint32_t output) {
  requireOutput(output, "disconnect");
  const Connection wanted{output, destination.node(), true, destination.index()};
  if (!remove([&](const Connection& c) { return c == wanted; })) throwNotConnected("destinationParam");
}

}  // namespace backline
