#include "tests/fuzz/command_source.h"

namespace backline::fuzz {

using namespace render;

std::vector<CommandRecord> CommandSource::batch() {
  for (std::uint32_t i = input_.between(1, 12); i > 0; --i) one();
  add(0, Commit{static_cast<std::uint32_t>(records_.size())});
  sequence_ += input_.between(1, 2);
  return std::exchange(records_, {});
}

CommandSource::Node& CommandSource::node() {
  static Node nobody;
  if (input_.oneIn(200)) {
    nobody = {input_.word<NodeId>(), &kGain, 1, 1, 1};
    wild_ = true;
    return nobody;
  }
  Node& chosen = nodes_[input_.below(static_cast<std::uint32_t>(nodes_.size()))];
  if (!chosen.released) return chosen;
  if (input_.oneIn(16)) {
    wild_ = true;
    return chosen;
  }
  for (Node& other : nodes_)
    if (!other.released) return other;
  create();
  return nodes_.back();
}

std::uint32_t CommandSource::place(std::uint32_t count) {
  if (count > 0 && !input_.oneIn(100)) return input_.below(count);
  wild_ = true;
  return input_.below(count + 2);
}

ChannelRules CommandSource::rules() {
  return {input_.oneIn(64) ? input_.below(100) : input_.between(1, input_.oneIn(2) ? 8 : kMaxChannels), static_cast<ChannelCountMode>(input_.below(3)),
          static_cast<ChannelInterpretation>(input_.below(2))};
}

void CommandSource::create() {
  const std::uint32_t type = input_.below(std::size(kNodeTypes) + (input_.oneIn(100) ? 2 : 0));
  const NodeDeclaration* declaration = nodeType(type);
  if (declaration == nullptr || declaration->create == nullptr || declaration == &kDestination) declaration = &kGain;
  const NodeId id = newNode(*declaration);
  add(id, CreateNode{numberOf(*declaration), input_.oneIn(2) ? declaration->channelRules : rules()});
  if (declaration->scheduled && !input_.oneIn(4)) add(id, SetSchedule{{time(), input_.oneIn(2) ? time() : std::numeric_limits<double>::infinity()}});
  if (declaration->outputs > 0 && !input_.oneIn(4)) add(id, Connect{{0, 1, 0}});
}

void CommandSource::createWorklet() {
  CreateWorkletNode create;
  ProcessorOptions& options = create.processor;
  options.name = input_.oneOf(kProcessors);
  options.inputs = input_.oneIn(32) ? input_.below(1100) : input_.below(4);
  options.outputs = input_.oneIn(32) ? input_.below(1100) : input_.below(4);
  if (input_.oneIn(2)) {
    auto& counts = options.outputChannelCount.emplace();
    for (std::uint32_t i = 0; i < options.outputs; ++i) counts.push_back(input_.oneIn(64) ? input_.below(40) : input_.between(1, 4));
  }
  options.options = input_.bytes(16);
  for (std::uint32_t i = input_.below(4); i > 0; --i) {
    const auto number = [this] { return static_cast<float>(input_.number()); };
    create.params.push_back({std::string(i, 'p'), number(), number(), number(), static_cast<AutomationRate>(input_.below(2))});
  }
  create.rules = rules();
  nodes_.push_back({next_, &kAudioWorklet, options.inputs, options.outputs, static_cast<std::uint32_t>(create.params.size())});
  add(next_++, std::move(create));
}

void CommandSource::link(bool param, bool connect) {
  const Node from = node(), to = node();
  const std::uint32_t output = place(from.outputs), into = place(param ? to.params : to.inputs);
  if (param) {
    connect ? add(from.id, ConnectParam{{output, to.id, into}}) : add(from.id, DisconnectParam{{output, to.id, into}});
  } else {
    connect ? add(from.id, Connect{{output, to.id, into}}) : add(from.id, Disconnect{{output, to.id, into}});
  }
}

void CommandSource::setField() {
  const Node chosen = node();
  const std::uint32_t field = place(static_cast<std::uint32_t>(chosen.type->fields.size()));
  if (field >= chosen.type->fields.size()) return add(chosen.id, SetField{field, 0});
  const FieldDeclaration& declaration = chosen.type->fields[field];
  double value = input_.number();
  const bool sane = !input_.oneIn(50);
  if (sane && declaration.kind == FieldKind::boolean) value = input_.below(2);
  if (sane && declaration.kind == FieldKind::enumeration) value = input_.below(static_cast<std::uint32_t>(declaration.maximum) + 1);
  if (sane && declaration.kind == FieldKind::number) value = std::clamp(value, declaration.minimum, declaration.maximum);
  if (sane && declaration.kind == FieldKind::resource) {
    const auto& ids = declaration.resource == ResourceKind::periodicWave ? waves_ : resources_[declaration.resource];
    value = ids.empty() || input_.oneIn(8) ? 0 : ids[input_.below(static_cast<std::uint32_t>(ids.size()))];
  }
  add(chosen.id, SetField{field, value});
}

void CommandSource::event() {
  const Node chosen = node();
  ParamEvent event;
  event.param = place(chosen.params);
  event.kind = static_cast<dsp::EventKind>(input_.below(static_cast<std::uint32_t>(dsp::EventKind::setValueCurve) + 1));
  event.time = time();
  event.value = static_cast<float>(input_.number());
  event.timeConstant = time();
  event.duration = time();
  if (event.kind == dsp::EventKind::setValueCurve)
    for (std::uint32_t i = input_.below(6); i > 0; --i) event.curve.push_back(static_cast<float>(input_.number()));
  add(chosen.id, std::move(event));
}

void CommandSource::wave() {
  CreatePeriodicWave wave;
  for (std::uint32_t i = input_.below(6); i > 0; --i) {
    wave.real.push_back(static_cast<float>(input_.number()));
    wave.imag.push_back(static_cast<float>(input_.number()));
  }
  if (input_.oneIn(32)) wave.imag.push_back(1);
  wave.disableNormalization = input_.below(2);
  waves_.push_back(nextResource_);
  add(nextResource_++, std::move(wave));
}

void CommandSource::curve() {
  CreateCurve curve;
  for (std::uint32_t i = input_.oneIn(32) ? 1 : input_.between(2, 6); i > 0; --i) curve.points.push_back(static_cast<float>(input_.number()));
  resources_[ResourceKind::curve].push_back(nextResource_);
  add(nextResource_++, std::move(curve));
}

void CommandSource::one() {
  switch (input_.below(24)) {
    case 0: case 1: case 2: return create();
    case 3: case 4: return createWorklet();
    case 5: case 6: return link(false, true);
    case 7: return link(false, false);
    case 8: return link(true, true);
    case 9: return link(true, false);
    case 10: case 11: return setField();
    case 12: case 13: case 14: return event();
    case 15: {
      const Node chosen = node();
      return add(chosen.id, ParamCancel{place(chosen.params), time(), input_.below(2)});
    }
    case 16: {
      const Node chosen = node();
      const std::uint32_t param = place(chosen.params);
      if (input_.oneIn(2)) return add(chosen.id, ParamRate{param, static_cast<AutomationRate>(input_.below(2))});
      return add(chosen.id, SetParamValue{param, static_cast<float>(input_.number())});
    }
    case 17: {
      Node& chosen = node();
      chosen.released = true;
      return add(chosen.id, ReleaseNode{});
    }
    case 18: return add(node().id, SetChannelRules{rules()});
    case 19: {
      const Node chosen = node();
      if (!chosen.type->scheduled && !input_.oneIn(50)) return;
      if (input_.oneIn(8)) return add(chosen.id, ResumePlaying{input_.below(2), {input_.word<std::uint64_t>(), {time(), 128, 1e6}, {1, time(), -0.5}}});
      return add(chosen.id, SetSchedule{{time(), time(), time(), time()}});
    }
    case 20: return input_.oneIn(3) ? curve() : wave();
    case 21: {
      if (waves_.empty()) return;
      const ResourceId id = waves_.back();
      waves_.pop_back();
      return add(id, ReleaseResource{});
    }
    case 22:
      if (input_.oneIn(2)) return add(node().id, PortMessage{input_.bytes(input_.oneIn(8) ? 6000 : 40)});
      return add(input_.below(8), AddModule{{{"file:///a.js", input_.oneIn(4) ? "throw" : "a", {{"b", "file:///b.js"}}}}, input_.below(2)});
    default:
      if (input_.oneIn(16)) return add(0, CloseSession{++generation_});
      if (input_.oneIn(4)) return add(0, SuspendAt{input_.word<std::uint64_t>(), ++generation_});
      return add(0, SetRunning{input_.below(2), ++generation_});
  }
}

}  // namespace backline::fuzz
