#include "session/mirror.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "dsp/timeline.h"
#include "render/nodes/list.h"

namespace backline::session {

using namespace render;

namespace {

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

bool isWave(const NodeDeclaration& declaration, std::uint32_t field) {
  const FieldDeclaration& entry = declaration.fields[field];
  return entry.kind == FieldKind::resource && entry.resource == ResourceKind::periodicWave;
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
  graph_.collect([this](GraphNode& node) { nodes_.erase(node.id); });
}

void Mirror::hear(const NoticeRecord& notice) {
  if (!std::holds_alternative<Ended>(notice.body) && !std::holds_alternative<ProcessorEnded>(notice.body)) return;
  if (GraphNode* node = graph_.find(notice.target)) node->playing = false;
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
    add(record, *declaration, declaration->inputs, declaration->outputs, declaration->params.size(), create->rules);
  } else if (const auto* worklet = std::get_if<CreateWorkletNode>(&record.body)) {
    add(record, kAudioWorklet, worklet->processor.inputs, worklet->processor.outputs, worklet->params.size(), worklet->rules);
    graph_.at(id).playing = true;
  } else if (std::holds_alternative<ReleaseNode>(record.body)) {
    graph_.at(id).released = true;
  } else if (const auto* link = std::get_if<Connect>(&record.body)) {
    graph_.connect(id, link->output, link->destination, link->input);
  } else if (const auto* unlink = std::get_if<Disconnect>(&record.body)) {
    graph_.disconnect(id, unlink->output, unlink->destination, unlink->input);
  } else if (const auto* linkParam = std::get_if<ConnectParam>(&record.body)) {
    graph_.connectParam(id, linkParam->output, linkParam->destination, linkParam->param);
  } else if (const auto* unlinkParam = std::get_if<DisconnectParam>(&record.body)) {
    graph_.disconnectParam(id, unlinkParam->output, unlinkParam->destination, unlinkParam->param);
  } else if (const auto* rules = std::get_if<SetChannelRules>(&record.body)) {
    nodes_.at(id).rules = rules->rules;
  } else if (const auto* field = std::get_if<SetField>(&record.body)) {
    nodes_.at(id).fields[field->field] = field->value;
  } else if (const auto* schedule = std::get_if<SetSchedule>(&record.body)) {
    nodes_.at(id).schedule = schedule->schedule;
    nodes_.at(id).scheduled = true;
    graph_.at(id).playing = std::isfinite(schedule->schedule.start);
  } else if (const auto* event = std::get_if<ParamEvent>(&record.body)) {
    auto& events = nodes_.at(id).events[event->param];
    const auto place = std::upper_bound(events.begin(), events.end(), *event, [](const auto& a, const auto& b) { return a.time < b.time; });
    events.insert(place, *event);
  } else if (const auto* cancelled = std::get_if<ParamCancel>(&record.body)) {
    cancel(nodes_.at(id).events[cancelled->param], *cancelled);
  } else if (const auto* rate = std::get_if<ParamRate>(&record.body)) {
    nodes_.at(id).rates[rate->param] = rate->rate;
  } else if (const auto* value = std::get_if<SetParamValue>(&record.body)) {
    nodes_.at(id).values[value->param] = value->value;
  } else if (const auto* wave = std::get_if<CreatePeriodicWave>(&record.body)) {
    waves_[id] = *wave;
  } else if (std::holds_alternative<ReleaseResource>(record.body)) {
    const bool held = std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& entry) {
      const NodeDeclaration& declaration = *graph_.find(entry.first)->declaration;
      return std::any_of(entry.second.fields.begin(), entry.second.fields.end(),
                         [&](const auto& set) { return set.second == id && isWave(declaration, set.first); });
    });
    if (!held) waves_.erase(id);
  } else if (const auto* module = std::get_if<AddModule>(&record.body)) {
    modules_[id] = *module;
  } else if (const auto* running = std::get_if<SetRunning>(&record.body)) {
    running_ = *running;
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
  const double frame = framesOf(cancel.time, sampleRate_);
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

std::vector<std::byte> Mirror::rebuild() const {
  std::vector<std::byte> batch;
  std::uint32_t records = 0;
  const auto say = [&](std::uint32_t target, Command command) {
    encode(batch, CommandRecord{target, sequence_, std::move(command)});
    ++records;
  };
  for (const auto& [id, wave] : waves_) say(id, wave);
  for (const auto& [request, module] : modules_) say(request, module);
  for (const auto& [id, node] : nodes_) {
    say(id, node.create);
    say(id, SetChannelRules{node.rules});
    for (const auto& [field, value] : node.fields) say(id, SetField{field, value});
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
  if (running_.generation != 0) say(0, running_);
  encode(batch, CommandRecord{0, sequence_, Commit{records}});
  return batch;
}

}  // namespace backline::session
