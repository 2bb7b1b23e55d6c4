#include "session/mirror.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "dsp/timeline.h"
#include "render/nodes/list.h"

namespace backline::session {

using namespace render;

namespace {

constexpr double kLastFrame = 0x1p62;   // whatever comes later comes never

/// A Timeline over copies of recorded events, for evaluating them here.
class Evaluation {
 public:
  Evaluation(std::span<const ParamEvent> events, float sampleRate) : timeline_(0, kMostNegative, kMostPositive, sampleRate) {
    for (const ParamEvent& recorded : events) {
      dsp::TimelineEvent& event = storage_.emplace_back();
      event.kind = recorded.kind;
      event.time = recorded.time;
      event.value = recorded.value;
      event.timeConstant = recorded.timeConstant;
      event.duration = recorded.duration;
      event.curve = recorded.curve;
      timeline_.insert(&event);
    }
  }
  float at(std::uint64_t frame) { return timeline_.valueAt(frame); }

 private:
  std::deque<dsp::TimelineEvent> storage_;
  dsp::Timeline timeline_;
};

bool isResource(const FieldDeclaration& field) { return field.kind == FieldKind::resource; }
/// Whether a field holds what came as a record.
bool isRecorded(const FieldDeclaration& field) {
  return isResource(field) && (field.resource == ResourceKind::periodicWave || field.resource == ResourceKind::curve);
}

const NodeDeclaration& declarationOf(const Command& create) {
  const auto* node = std::get_if<CreateNode>(&create);
  return node != nullptr ? *nodeType(node->type) : kAudioWorklet;
}

ParamEvent setValueAt(std::uint32_t param, double time, float value) {
  ParamEvent event;
  event.param = param;
  event.kind = dsp::EventKind::setValue;
  event.time = time;
  event.value = value;
  return event;
}

}  // namespace

void Mirror::take(std::span<const CommandRecord> batch) {
  for (const CommandRecord& record : batch) take(record);
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

void Mirror::hear(const NoticeRecord& notice) {
  if (!std::holds_alternative<Ended>(notice.body) && !std::holds_alternative<ProcessorEnded>(notice.body)) return;
  if (GraphNode* node = graph_.find(notice.target)) {
    node->playing = false;
    collectable_ |= node->released;
  }
}

void Mirror::add(const CommandRecord& record, const NodeDeclaration& declaration, std::uint32_t inputs, std::uint32_t outputs,
                 std::size_t params, const ChannelRules& rules) {
  graph_.add(record.target, declaration, inputs, outputs, static_cast<std::uint32_t>(params));
  Node& node = nodes_[record.target];
  node.create = record.body;
  node.rules = rules;
}

void Mirror::take(const CommandRecord& record) {
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
    at(id).scheduled = true;
    graph_.at(id).playing = std::isfinite(schedule->schedule.start);
  } else if (const auto* event = std::get_if<ParamEvent>(&record.body)) {
    auto& events = at(id).events[event->param];
    const auto place = std::upper_bound(events.begin(), events.end(), *event, [](const auto& a, const auto& b) { return a.time < b.time; });
    events.insert(place, *event);
  } else if (const auto* cancelled = std::get_if<ParamCancel>(&record.body)) {
    cancel(at(id).events[cancelled->param], *cancelled);
  } else if (const auto* rate = std::get_if<ParamRate>(&record.body)) {
    at(id).rates[rate->param] = rate->rate;
  } else if (const auto* value = std::get_if<SetParamValue>(&record.body)) {
    at(id).values[value->param] = value->value;
  } else if (std::holds_alternative<CreatePeriodicWave>(record.body) || std::holds_alternative<CreateCurve>(record.body)) {
    recorded_[id].create = record.body;
  } else if (std::holds_alternative<ReleaseResource>(record.body)) {
    if (const auto found = recorded_.find(id); found != recorded_.end()) {
      found->second.released = true;
      if (found->second.holders == 0) recorded_.erase(found);
    }
  } else if (const auto* module = std::get_if<AddModule>(&record.body)) {
    modules_[id] = *module;
  } else if (const auto* running = std::get_if<SetRunning>(&record.body)) {
    running_ = *running;
  } else if (const auto* close = std::get_if<CloseSession>(&record.body)) {
    closed_ = true;
    running_ = {0, close->generation};
  }
}

void Mirror::cancel(std::vector<ParamEvent>& events, const ParamCancel& cancel) const {
  const auto underWay = [&](const ParamEvent& event) {
    return event.kind == dsp::EventKind::setValueCurve && event.time < cancel.time && event.time + event.duration > cancel.time;
  };
  if (cancel.hold == 0) {
    std::erase_if(events, [&](const ParamEvent& event) { return event.time >= cancel.time || underWay(event); });
    return;
  }
  if (events.empty()) return;
  // What cancelAndHoldAtTime leaves: everything before, and from there on the value that was reached.
  const std::uint32_t param = events.front().param;
  const double frame = std::min(framesOf(cancel.time, sampleRate_), kLastFrame);
  const float held = Evaluation(events, sampleRate_).at(static_cast<std::uint64_t>(frame));
  const auto next = std::find_if(events.begin(), events.end(), [&](const ParamEvent& event) { return event.time > cancel.time; });
  if (next != events.end() && (next->kind == dsp::EventKind::linearRamp || next->kind == dsp::EventKind::exponentialRamp)) {
    ParamEvent shortened = *next;
    shortened.time = cancel.time;
    shortened.value = held;
    events.erase(next, events.end());
    events.push_back(shortened);
    return;
  }
  std::erase_if(events, [&](const ParamEvent& event) { return event.time > cancel.time || underWay(event); });
  events.push_back(setValueAt(param, cancel.time, held));
}

void Mirror::forgetBefore(std::uint64_t frame) {
  constexpr std::size_t kWorthFolding = 32;
  for (auto& [id, node] : nodes_)
    for (auto& [param, events] : node.events)
      if (events.size() > kWorthFolding) fold(events, frame);
}

void Mirror::fold(std::vector<ParamEvent>& events, std::uint64_t frame) const {
  const double now = static_cast<double>(frame) / sampleRate_;
  auto next = std::find_if(events.begin(), events.end(), [&](const ParamEvent& event) { return event.time > now; });
  if (next == events.begin()) return;
  const auto current = next - 1;
  if (current->kind == dsp::EventKind::setValueCurve && current->time + current->duration > now) {
    events.erase(events.begin(), current);
    return;
  }
  // Every other kind goes on from its value at any moment as it would have gone on.
  std::vector<ParamEvent> folded{setValueAt(current->param, now, Evaluation(events, sampleRate_).at(frame))};
  if (current->kind == dsp::EventKind::setTarget) {
    folded.push_back(*current);
    folded.back().time = now;
  }
  folded.insert(folded.end(), next, events.end());
  events = std::move(folded);
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

std::vector<std::byte> Mirror::rebuild(const std::set<ResourceId>& bound) const {
  std::vector<std::byte> batch;
  std::uint32_t records = 0;
  const auto say = [&](std::uint32_t target, Command command) {
    encode(batch, CommandRecord{target, sequence_, std::move(command)});
    ++records;
  };
  for (const auto& [id, resource] : recorded_) say(id, resource.create);
  for (const auto& [request, module] : modules_) say(request, module);
  for (const auto& [id, node] : nodes_) {
    say(id, node.create);
    say(id, SetChannelRules{node.rules});
    for (const auto& [field, value] : node.fields) {
      const FieldDeclaration& declaration = declarationOf(node.create).fields[field];
      if (isResource(declaration)) {
        const auto named = static_cast<ResourceId>(value);   // a number that is no id may be anything
        if (named != 0 && !(isRecorded(declaration) ? recorded_.contains(named) : bound.contains(named))) continue;
      }
      say(id, SetField{field, value});
    }
    for (const auto& [param, rate] : node.rates) say(id, ParamRate{param, rate});
    for (const auto& [param, value] : node.values) say(id, SetParamValue{param, value});
    for (const auto& [param, events] : node.events)
      for (const ParamEvent& event : events) say(id, event);
    if (node.scheduled) say(id, SetSchedule{node.schedule});
  }
  for (const auto& node : graph_.nodes()) {
    if (!node) continue;
    for (std::uint32_t input = 0; input < node->inputSources.size(); ++input)
      for (const Source& source : node->inputSources[input]) say(graph_.nodes()[source.node]->id, Connect{source.output, node->id, input});
    for (std::uint32_t param = 0; param < node->paramSources.size(); ++param)
      for (const Source& source : node->paramSources[param]) say(graph_.nodes()[source.node]->id, ConnectParam{source.output, node->id, param});
  }
  for (const auto& node : graph_.nodes())
    if (node && node->released) say(node->id, ReleaseNode{});
  if (closed_) {
    say(0, CloseSession{running_.generation});
  } else if (running_.generation != 0) {
    say(0, running_);
  }
  encode(batch, CommandRecord{0, sequence_, Commit{records}});
  return batch;
}

}  // namespace backline::session
