#include "session/mirror.h"

#include <algorithm>
#include <cmath>

#include "render/nodes/list.h"

namespace backline::session {

using namespace render;

namespace {

bool isResource(const FieldDeclaration& field) { return field.kind == FieldKind::resource; }
/// Whether a field holds what came as a record.
bool isRecorded(const FieldDeclaration& field) {
  return isResource(field) && (field.resource == ResourceKind::periodicWave || field.resource == ResourceKind::curve);
}

const NodeDeclaration& declarationOf(const Command& create) {
  const auto* node = std::get_if<CreateNode>(&create);
  return node != nullptr ? *nodeType(node->type) : kAudioWorklet;
}

}  // namespace

void Mirror::take(std::span<const CommandRecord> batch, std::uint64_t frame) {
  for (const CommandRecord& record : batch) take(record, frame);
  if (!batch.empty()) sequence_ = batch.back().sequence;
  if (collectable_) collect();
}

void Mirror::collect() {
  collectable_ = false;
  graph_.collect([this](GraphNode& node) {
    for (const auto& [field, value] : nodes_.at(node.id).fields)
      if (isRecorded(node.declaration->fields[field])) dropRecorded(static_cast<ResourceId>(value));
    nodes_.erase(node.id);
  });
}

Mirror::Node& Mirror::at(NodeId id) {
  graph_.at(id);
  return nodes_.at(id);
}

void Mirror::setField(NodeId id, const SetField& set) {
  Node& node = at(id);
  const NodeDeclaration& declaration = *graph_.at(id).declaration;
  if (set.field >= declaration.fields.size()) throw RecordError(std::string(declaration.name) + " has no field " + std::to_string(set.field));
  double& value = node.fields[set.field];
  if (isRecorded(declaration.fields[set.field])) {
    if (const auto found = recorded_.find(static_cast<ResourceId>(set.value)); found != recorded_.end()) ++found->second.holders;
    dropRecorded(static_cast<ResourceId>(value));
  }
  value = set.value;
}

void Mirror::dropRecorded(ResourceId id) {
  const auto found = recorded_.find(id);
  if (found != recorded_.end() && --found->second.holders == 0 && found->second.released) recorded_.erase(found);
}

void Mirror::hearOfModule(std::uint32_t request, bool succeeded) {
  const auto replacing = modules_.find(request);
  if (replacing == modules_.end() || replacing->second.replace == 0) return;
  auto& modules = replacing->second.modules;
  const auto before = std::find_if(modules_.begin(), replacing, [&](const auto& entry) { return entry.second.modules.front().url == modules.front().url; });
  if (succeeded && before == replacing) return;
  if (succeeded) before->second.modules = std::move(modules);
  modules_.erase(replacing);
}

void Mirror::hear(const NoticeRecord& notice) {
  if (const auto* evaluated = std::get_if<ModuleEvaluated>(&notice.body)) return hearOfModule(notice.target, evaluated->succeeded != 0);
  GraphNode* node = graph_.find(notice.target);
  if (node == nullptr) return;
  Node& recorded = nodes_.at(notice.target);
  const bool scheduled = node->declaration->scheduled;
  if (const auto* started = std::get_if<Started>(&notice.body)) {
    if (scheduled && recorded.schedule && !recorded.played && !node->ended)
      recorded.played.emplace(*node->declaration, *recorded.schedule, started->frame, sampleRate_, quantum_);
  } else if (std::holds_alternative<Ended>(notice.body) || std::holds_alternative<ProcessorEnded>(notice.body)) {
    node->playing = false;
    node->ended |= scheduled;
    recorded.played.reset();
    collectable_ |= node->released;
  }
}

void Mirror::served(std::uint64_t sequence) {
  while (!messages_.empty() && messages_.front().sequence <= sequence) messages_.pop_front();
}

void Mirror::add(const CommandRecord& record, const NodeDeclaration& declaration, std::uint32_t inputs, std::uint32_t outputs,
                 std::size_t params, const ChannelRules& rules) {
  graph_.add(record.target, declaration, inputs, outputs, static_cast<std::uint32_t>(params));
  Node& node = nodes_[record.target];
  node.create = record.body;
  node.rules = rules;
}

// Before a parameter changes, a source that plays by it is brought to where it is.
RecordedParam& Mirror::param(NodeId id, std::uint32_t index, std::uint64_t frame) {
  Node& node = at(id);
  advance(node, frame);
  return node.params[index];
}

void Mirror::take(const CommandRecord& record, std::uint64_t frame) {
  const NodeId id = record.target;
  if (const auto* create = std::get_if<CreateNode>(&record.body)) {
    const NodeDeclaration* declaration = nodeType(create->type);
    if (declaration == nullptr) throw RecordError("node type " + std::to_string(create->type) + " does not exist");
    const NodeShape shape = shapeOf(*declaration, create->arguments);
    add(record, *declaration, shape.inputs, shape.outputs, declaration->params.size(), create->rules);
  } else if (const auto* worklet = std::get_if<CreateWorkletNode>(&record.body)) {
    add(record, kAudioWorklet, worklet->processor.inputs, worklet->processor.outputs, worklet->params.size(), worklet->rules);
    graph_.at(id).playing = true;
  } else if (std::holds_alternative<ReleaseNode>(record.body)) {
    graph_.at(id).released = true;
    collectable_ = true;
  } else if (const auto* link = std::get_if<Connect>(&record.body)) {
    graph_.connect(id, link->output, link->destination, link->input);
  } else if (const auto* unlink = std::get_if<Disconnect>(&record.body)) {
    graph_.disconnect(id, unlink->output, unlink->destination, unlink->input);
    collectable_ = true;
  } else if (const auto* linkParam = std::get_if<ConnectParam>(&record.body)) {
    graph_.connectParam(id, linkParam->output, linkParam->destination, linkParam->param);
  } else if (const auto* unlinkParam = std::get_if<DisconnectParam>(&record.body)) {
    graph_.disconnectParam(id, unlinkParam->output, unlinkParam->destination, unlinkParam->param);
    collectable_ = true;
  } else if (const auto* rules = std::get_if<SetChannelRules>(&record.body)) {
    at(id).rules = rules->rules;
  } else if (const auto* field = std::get_if<SetField>(&record.body)) {
    setField(id, *field);
  } else if (const auto* schedule = std::get_if<SetSchedule>(&record.body)) {
    at(id).schedule = schedule->schedule;
    graph_.at(id).playing = std::isfinite(schedule->schedule.start) && !graph_.at(id).ended;
  } else if (const auto* event = std::get_if<ParamEvent>(&record.body)) {
    param(id, event->param, frame).insert(*event, frame, sampleRate_);
  } else if (const auto* cancelled = std::get_if<ParamCancel>(&record.body)) {
    param(id, cancelled->param, frame).cancel(*cancelled, frame, sampleRate_);
  } else if (const auto* rate = std::get_if<ParamRate>(&record.body)) {
    param(id, rate->param, frame).rate = rate->rate;
  } else if (const auto* value = std::get_if<SetParamValue>(&record.body)) {
    param(id, value->param, frame).value = value->value;
  } else if (std::holds_alternative<CreatePeriodicWave>(record.body) || std::holds_alternative<CreateCurve>(record.body)) {
    recorded_[id].create = record.body;
  } else if (std::holds_alternative<ReleaseResource>(record.body)) {
    if (const auto found = recorded_.find(id); found != recorded_.end()) {
      found->second.released = true;
      if (found->second.holders == 0) recorded_.erase(found);
    }
  } else if (const auto* module = std::get_if<AddModule>(&record.body)) {
    modules_[id] = *module;
  } else if (const auto* message = std::get_if<PortMessage>(&record.body)) {
    messages_.push_back({record.sequence, id, *message});
  } else if (const auto* running = std::get_if<SetRunning>(&record.body)) {
    running_ = *running;
  } else if (const auto* close = std::get_if<CloseSession>(&record.body)) {
    closed_ = true;
    running_ = {0, close->generation};
  }
}

void Mirror::advance(Node& node, std::uint64_t frame) const {
  if (!node.played) return;
  const auto param = [&](std::uint32_t index) {
    const auto found = node.params.find(index);
    return found == node.params.end() ? nullptr : &found->second;
  };
  node.played->advance({param(0), param(1)}, frame);
}

void Mirror::forgetBefore(std::uint64_t frame) {
  constexpr std::size_t kWorthForgetting = 32;
  for (auto& [id, node] : nodes_) {
    advance(node, frame);
    for (auto& [index, param] : node.params)
      if (param.events.size() > kWorthForgetting) param.forgetBefore(frame, sampleRate_);
  }
}

void Mirror::silence(NodeId id) {
  const auto node = nodes_.find(id);
  if (node != nodes_.end() && std::holds_alternative<CreateWorkletNode>(node->second.create)) node->second.silenced = true;
}

std::map<ResourceId, ResourceKind> Mirror::resources() const {
  std::map<ResourceId, ResourceKind> named;
  for (const auto& node : graph_.nodes()) {
    if (!node) continue;
    for (const auto& [field, value] : nodes_.at(node->id).fields) {
      const FieldDeclaration& declaration = node->declaration->fields[field];
      if (value != 0 && isResource(declaration) && !isRecorded(declaration)) named.emplace(static_cast<ResourceId>(value), declaration.resource);
    }
  }
  return named;
}

NodeName Mirror::nameOf(NodeId id) const {
  const auto node = nodes_.find(id);
  if (node == nodes_.end()) return {};
  if (const auto* worklet = std::get_if<CreateWorkletNode>(&node->second.create)) return {kAudioWorklet.name, worklet->processor.name};
  const auto* create = std::get_if<CreateNode>(&node->second.create);
  const NodeDeclaration* declaration = create != nullptr ? nodeType(create->type) : nullptr;
  return {declaration != nullptr ? declaration->name : "", {}};
}

std::vector<std::byte> Mirror::rebuild(const std::set<ResourceId>& bound, std::uint64_t frame) {
  std::vector<std::byte> batch;
  std::uint32_t records = 0;
  const Say say = [&](std::uint32_t target, Command command) {
    encode(batch, CommandRecord{target, sequence_, std::move(command)});
    ++records;
  };
  for (const auto& [id, resource] : recorded_) say(id, resource.create);
  for (const auto& [request, module] : modules_) say(request, module);
  for (auto& [id, node] : nodes_) {
    sayNode(id, node, bound, say);
    saySource(id, node, bound, frame, say);
  }
  sayConnections(say);
  for (const Sent& sent : messages_)
    if (sent.node == 0 || nodes_.contains(sent.node)) say(sent.node, sent.message);
  for (const auto& node : graph_.nodes())   // who was sent something may have been let go of since
    if (node && node->released) say(node->id, ReleaseNode{});
  if (closed_) {
    say(0, CloseSession{running_.generation});
  } else if (running_.generation != 0) {
    say(0, running_);
  }
  encode(batch, CommandRecord{0, sequence_, Commit{records}});
  return batch;
}

void Mirror::sayNode(NodeId id, const Node& node, const std::set<ResourceId>& bound, const Say& say) const {
  Command create = node.create;
  if (node.silenced) std::get<CreateWorkletNode>(create).processor.name.clear();
  say(id, std::move(create));
  say(id, SetChannelRules{node.rules});
  for (const auto& [field, value] : node.fields)
    if (isThere(declarationOf(node.create).fields[field], value, bound)) say(id, SetField{field, value});
  for (const auto& [index, param] : node.params) {
    if (param.rate) say(id, ParamRate{index, *param.rate});
    if (param.value) say(id, SetParamValue{index, *param.value});
    for (const ParamEvent& event : param.events) say(id, event);
  }
}

bool Mirror::isThere(const FieldDeclaration& field, double value, const std::set<ResourceId>& bound) const {
  if (!isResource(field)) return true;
  const auto named = static_cast<ResourceId>(value);   // a number that is no id may be anything
  return named == 0 || (isRecorded(field) ? recorded_.contains(named) : bound.contains(named));
}

void Mirror::saySource(NodeId id, Node& node, const std::set<ResourceId>& bound, std::uint64_t frame, const Say& say) {
  if (!node.schedule) return;
  say(id, SetSchedule{*node.schedule});
  if (graph_.find(id)->ended) return say(id, ResumePlaying{1, {}});
  if (node.played && node.played->began() >= frame) node.played.reset();   // its new renderer will say that it starts
  if (!node.played) return;
  advance(node, frame);
  node.played->beginQuanta(node.played->frame());
  for (const auto& [field, value] : node.fields)
    if (!isThere(declarationOf(node.create).fields[field], value, bound)) return;   // nothing of it sounds
  say(id, ResumePlaying{0, node.played->past()});
}

void Mirror::sayConnections(const Say& say) const {
  for (const auto& node : graph_.nodes()) {
    if (!node) continue;
    for (std::uint32_t input = 0; input < node->inputSources.size(); ++input)
      for (const Source& source : node->inputSources[input]) say(graph_.nodes()[source.node]->id, Connect{source.output, node->id, input});
    for (std::uint32_t param = 0; param < node->paramSources.size(); ++param)
      for (const Source& source : node->paramSources[param]) say(graph_.nodes()[source.node]->id, ConnectParam{source.output, node->id, param});
  }
}

}  // namespace backline::session
