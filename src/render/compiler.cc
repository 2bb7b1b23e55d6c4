#include "render/compiler.h"

#include <algorithm>
#include <cmath>

#include "dsp/periodic_wave.h"
#include "render/curve_resource.h"
#include "render/nodes/audio_worklet.h"
#include "render/nodes/list.h"
#include "render/periodic_wave_resource.h"
#include "render/planner.h"

namespace backline::render {

namespace {

void checkRules(const ChannelRules& rules) {
  if (rules.count < 1 || rules.count > kMaxChannels) throw RecordError("channelCount " + std::to_string(rules.count) + " is not 1 … 32");
}

bool fits(const FieldDeclaration& field, double value) {
  switch (field.kind) {
    case FieldKind::boolean:
      return value == 0 || value == 1;
    case FieldKind::enumeration:
      return value >= 0 && value <= field.maximum && value == std::floor(value);
    case FieldKind::number:
      return value >= field.minimum && value <= field.maximum;
    case FieldKind::resource:
      return value >= 0 && value <= 0xffffffffu && value == std::floor(value);
  }
  return false;
}

OwnedEvent* newEvent() { return new OwnedEvent; }

void freeEvents(dsp::TimelineEvent* event) {
  while (event != nullptr) {
    dsp::TimelineEvent* next = event->next;
    delete static_cast<OwnedEvent*>(event);
    event = next;
  }
}

bool isPossible(const Past& past) {
  const auto within = [](double most) { return [most](double value) { return std::abs(value) <= most; }; };
  return past.frames.size() == past.paces.size() && past.frames.size() <= Past::kMostStretches &&
         std::all_of(past.frames.begin(), past.frames.end(), [](double frames) { return frames >= 0 && frames <= Past::kMostFrames; }) &&
         std::all_of(past.paces.begin(), past.paces.end(), within(Past::kMostPace));
}

}  // namespace

RenderNode::~RenderNode() {
  for (ParamSlot& slot : rt_.params) {
    slot.timeline.cancel(0);
    freeEvents(slot.timeline.takeRetired());
  }
}

Compiler::Compiler(const CompilerConfig& config, Executor& executor, NoticeQueue& notices, NoticeSink say)
    : config_(config),
      executor_(executor),
      notices_(notices),
      say_(std::move(say)),
      worklets_({config.sampleRate, config.quantum, nullptr, {}, config.blackBox}, {config.worklets, config.wake, config.watchdog}, executor, notices, say_, [this] { drain(); }),
      pending_(std::make_unique<Transaction>()) {}

Compiler::~Compiler() {
  executor_.clear();
  freeEvents(executor_.takeRetiredEvents());
  for (ValueOp& op : pending_->ops) {
    if (auto* event = std::get_if<EventOp>(&op.op)) delete event->event;
    if (auto* hold = std::get_if<HoldOp>(&op.op)) {
      delete hold->hold;
      delete hold->spare;
    }
  }
}

void Compiler::bind(ResourceId id, std::shared_ptr<Resource> resource) {
  if (id == 0 || !resources_.emplace(id, std::move(resource)).second) throw RecordError("resource id " + std::to_string(id) + " is taken");
}

void Compiler::takeBatch(std::span<const CommandRecord> batch) {
  if (batch.empty()) throw RecordError("an empty batch");
  const auto* commit = std::get_if<Commit>(&batch.back().body);
  if (commit == nullptr) throw RecordError("a batch without a Commit at its end");
  if (commit->records != batch.size() - 1) throw RecordError("Commit counts " + std::to_string(commit->records) + " records, not " + std::to_string(batch.size() - 1));
  const std::uint64_t sequence = batch.back().sequence;
  if (sequence <= pending_->sequence) throw RecordError("sequence " + std::to_string(sequence) + " follows " + std::to_string(pending_->sequence));
  for (const CommandRecord& record : batch) {
    if (record.sequence != sequence) throw RecordError("a record of another batch inside batch " + std::to_string(sequence));
    std::visit([&](const auto& command) { take(command, record); }, record.body);
  }
  pending_->sequence = sequence;
}

bool Compiler::submit() {
  if (collectable_) {
    collectable_ = false;
    graph_.collect([this](GraphNode& node) {
      for (auto& resource : node.resources)
        if (resource) pending_->releasedResources.push_back(std::move(resource));
      pending_->removedNodes.push_back(std::move(node.renderNode));
      structureChanged_ = true;
    });
    awaitsTails_ = graph_.awaitsTails();
  }
  if (structureChanged_) {
    pending_->plan = compilePlan(graph_, destination_, config_.quantum);
    structureChanged_ = false;
  }
  if (pending_->empty() && pending_->sequence == executorSequence_) return true;
  const std::uint64_t sequence = pending_->sequence;
  if (!executor_.submit(pending_)) return false;
  executorSequence_ = sequence;
  pending_ = std::make_unique<Transaction>();
  pending_->sequence = sequence;
  return true;
}

void Compiler::drain() {
  notices_.drain([this](std::uint32_t target, Notice notice) { hear(target, std::move(notice)); });
}

void Compiler::housekeep() {
  drain();
  freeEvents(executor_.takeRetiredEvents());
  while (const std::unique_ptr<Transaction> spent = executor_.reclaim()) {
  }
}

void Compiler::hear(std::uint32_t target, Notice notice) {
  if (std::holds_alternative<Ended>(notice) || std::holds_alternative<ProcessorEnded>(notice)) {
    if (GraphNode* node = graph_.find(target)) {
      node->playing = false;
      node->ended |= node->declaration->scheduled;
      collectable_ |= node->released;
    }
  }
  say_(target, std::move(notice));
}

GraphNode& Compiler::addNode(NodeId id, const NodeDeclaration& declaration, std::uint32_t inputs, std::uint32_t outputs,
                             std::span<const ParamDeclaration> params, const ChannelRules& rules) {
  checkRules(rules);
  GraphNode& node = graph_.add(id, declaration, inputs, outputs, static_cast<std::uint32_t>(params.size()));
  node.rules = rules;
  node.renderNode = std::make_unique<RenderNode>(id, declaration);
  for (const FieldDeclaration& field : declaration.fields) node.fields.push_back({field.kind == FieldKind::resource ? 0 : field.initial});
  node.resources.resize(node.fields.size());
  auto& rt = node.renderNode->rt_;
  rt.fields = node.fields;
  for (const ParamDeclaration& param : params) {
    rt.params.push_back({dsp::Timeline(param.initial, boundOf(param.minimum, config_.sampleRate), boundOf(param.maximum, config_.sampleRate),
                                       config_.sampleRate),
                         param.rate, param.initial});
  }
  structureChanged_ = true;
  return node;
}

void Compiler::take(const CreateNode& command, const CommandRecord& record) {
  const NodeDeclaration* declaration = nodeType(command.type);
  if (declaration == nullptr || declaration->create == nullptr) throw RecordError("node type " + std::to_string(command.type) + " does not exist");
  const NodeShape shape = shapeOf(*declaration, command.arguments);
  GraphNode& node = addNode(record.target, *declaration, shape.inputs, shape.outputs, declaration->params, command.rules);
  node.renderNode->renderer = declaration->create({config_.sampleRate, config_.quantum, command.arguments, config_.live});
  if (declaration == &kDestination) {
    if (destination_ != 0) throw RecordError("a second destination");
    destination_ = record.target;
  }
}

void Compiler::take(const CreateWorkletNode& command, const CommandRecord& record) {
  const ProcessorOptions& options = command.processor;
  if (options.inputs > kMaxWorkletPorts || options.outputs > kMaxWorkletPorts) throw RecordError("a worklet node of impossible shape");
  std::vector<std::uint32_t> counts;   // empty: the output follows the input
  if (options.outputChannelCount) {
    counts = *options.outputChannelCount;
    if (counts.size() != options.outputs) throw RecordError("outputChannelCount does not name every output");
  } else if (!(options.inputs == 1 && options.outputs == 1)) {
    counts.assign(options.outputs, 1);   // Web Audio §1.32.4.3
  }
  for (const std::uint32_t channels : counts)
    if (channels < 1 || channels > kMaxChannels) throw RecordError("a worklet output of " + std::to_string(channels) + " channels");
  std::vector<ParamDeclaration> params;
  for (const ProcessorParam& param : command.params)
    params.push_back({param.name.c_str(), param.initial, param.minimum, param.maximum, param.rate});
  GraphNode& node = addNode(record.target, kAudioWorklet, options.inputs, options.outputs, params, command.rules);
  node.outputChannelCount = counts;
  std::unique_ptr<Processor> processor = options.name.empty() ? nullptr : worklets_.create(record.target, command);
  node.playing = processor != nullptr;
  node.renderNode->renderer = makeWorkletRenderer(record.target, std::move(processor), std::move(counts), notices_, worklets_.blackBox().render);
}

void Compiler::take(const ReleaseNode&, const CommandRecord& record) {
  graph_.at(record.target).released = true;
  collectable_ = true;
}

void Compiler::take(const Connect& command, const CommandRecord& record) {
  structureChanged_ |= graph_.connect(record.target, command.output, command.destination, command.input);
}
void Compiler::take(const Disconnect& command, const CommandRecord& record) {
  structureChanged_ |= graph_.disconnect(record.target, command.output, command.destination, command.input);
  collectable_ = true;
}
void Compiler::take(const ConnectParam& command, const CommandRecord& record) {
  structureChanged_ |= graph_.connectParam(record.target, command.output, command.destination, command.param);
}
void Compiler::take(const DisconnectParam& command, const CommandRecord& record) {
  structureChanged_ |= graph_.disconnectParam(record.target, command.output, command.destination, command.param);
  collectable_ = true;
}

void Compiler::take(const SetChannelRules& command, const CommandRecord& record) {
  checkRules(command.rules);
  graph_.at(record.target).rules = command.rules;
  structureChanged_ = true;
}

void Compiler::take(const SetField& command, const CommandRecord& record) {
  GraphNode& node = graph_.at(record.target);
  if (command.field >= node.fields.size()) throw RecordError(std::string(node.declaration->name) + " has no field " + std::to_string(command.field));
  const FieldDeclaration& declaration = node.declaration->fields[command.field];
  if (!fits(declaration, command.value)) throw RecordError(std::string(node.declaration->name) + "." + declaration.name + " cannot be " + std::to_string(command.value));
  Field& field = node.fields[command.field];
  field = {command.value};
  std::shared_ptr<Resource> resource;
  if (declaration.kind == FieldKind::resource) {
    if (command.value != 0) {
      const auto found = resources_.find(static_cast<ResourceId>(command.value));
      if (found == resources_.end() || found->second->kind() != declaration.resource)
        throw RecordError(std::string(node.declaration->name) + "." + declaration.name + ": there is no such resource " + std::to_string(command.value));
      resource = found->second;
      field.resource = resource.get();
    }
    structureChanged_ = true;   // a buffer brings its channel count
  }
  if (node.declaration->prepare != nullptr && (declaration.kind != FieldKind::resource || resource))
    if (auto prepared = node.declaration->prepare({config_.sampleRate, config_.quantum, {}, config_.live}, command.field, node.fields)) resource = std::move(prepared);
  field.resource = resource.get();
  std::swap(node.resources[command.field], resource);
  if (resource) pending_->releasedResources.push_back(std::move(resource));
  push(*node.renderNode, FieldOp{command.field, field});
}

void Compiler::take(const SetSchedule& command, const CommandRecord& record) {
  GraphNode& node = graph_.at(record.target);
  if (!node.declaration->scheduled) throw RecordError(std::string(node.declaration->name) + " cannot be started");
  const Schedule& schedule = command.schedule;
  if (!(schedule.start >= 0) || !(schedule.stop >= 0) || !(schedule.offset >= 0) || !(schedule.duration >= 0))
    throw RecordError("an impossible schedule");
  node.playing = std::isfinite(schedule.start) && !node.ended;
  push(*node.renderNode, ScheduleOp{schedule});
}

void Compiler::take(const ResumePlaying& command, const CommandRecord& record) {
  GraphNode& node = graph_.at(record.target);
  if (!node.declaration->scheduled) throw RecordError(std::string(node.declaration->name) + " cannot be resumed");
  if (command.ended > 1 || !isPossible(command.past)) throw RecordError("an impossible past");
  node.ended = command.ended != 0;
  node.playing &= !node.ended;
  pending_->pasts.push_back(std::make_unique<Past>(command.past));
  push(*node.renderNode, ResumeOp{node.ended, pending_->pasts.back().get()});
}

RenderNode& Compiler::paramOwner(NodeId id, std::uint32_t param) {
  GraphNode& node = graph_.at(id);
  if (param >= node.paramSources.size()) throw RecordError(std::string(node.declaration->name) + " has no parameter " + std::to_string(param));
  return *node.renderNode;
}

void Compiler::take(const ParamEvent& command, const CommandRecord& record) {
  RenderNode& node = paramOwner(record.target, command.param);
  const bool curve = command.kind == dsp::EventKind::setValueCurve;
  const bool sane = command.time >= 0 && std::isfinite(command.time) && std::isfinite(command.value) && command.timeConstant >= 0 &&
                    std::isfinite(command.timeConstant) &&
                    (!curve || (command.curve.size() >= 2 && command.duration > 0 && std::isfinite(command.duration) &&
                                std::all_of(command.curve.begin(), command.curve.end(), [](float value) { return std::isfinite(value); })));
  if (!sane) throw RecordError("an impossible automation event");
  OwnedEvent* event = newEvent();
  event->kind = command.kind;
  event->time = command.time;
  event->value = command.value;
  event->timeConstant = command.timeConstant;
  event->duration = command.duration;
  event->curveStorage = command.curve;
  event->curve = event->curveStorage;
  push(node, EventOp{command.param, event});
}

void Compiler::take(const ParamCancel& command, const CommandRecord& record) {
  RenderNode& node = paramOwner(record.target, command.param);
  if (!(command.time >= 0 && std::isfinite(command.time))) throw RecordError("an impossible cancel time");
  if (command.hold != 0) {
    push(node, HoldOp{command.param, command.time, newEvent(), newEvent()});
  } else {
    push(node, CancelOp{command.param, command.time});
  }
}

void Compiler::take(const ParamRate& command, const CommandRecord& record) {
  push(paramOwner(record.target, command.param), RateOp{command.param, command.rate});
}

void Compiler::take(const SetParamValue& command, const CommandRecord& record) {
  RenderNode& node = paramOwner(record.target, command.param);
  if (!std::isfinite(command.value)) throw RecordError("an impossible parameter value");
  push(node, ValueSetOp{command.param, command.value});
}

void Compiler::take(const CreatePeriodicWave& command, const CommandRecord& record) {
  if (command.real.size() != command.imag.size() || command.real.size() < 2) throw RecordError("an impossible PeriodicWave");
  bind(record.target, std::make_shared<PeriodicWaveResource>(dsp::PeriodicWave(command.real, command.imag, command.disableNormalization == 0)));
}

void Compiler::take(const CreateCurve& command, const CommandRecord& record) {
  if (command.points.size() < 2) throw RecordError("a curve of " + std::to_string(command.points.size()) + " points");
  bind(record.target, std::make_shared<CurveResource>(command.points));
}

void Compiler::take(const ReleaseResource&, const CommandRecord& record) { resources_.erase(record.target); }

void Compiler::take(const AddModule& command, const CommandRecord& record) {
  if (command.modules.empty()) throw RecordError("AddModule without a module");
  if (command.replace > 1) throw RecordError("AddModule.replace is " + std::to_string(command.replace));
  worklets_.evaluate(record.target, command);
}

void Compiler::take(const PortMessage& command, const CommandRecord& record) {
  if (record.target == 0) return worklets_.receive(command.message);
  GraphNode& node = graph_.at(record.target);
  pending_->messages.push_back(std::make_unique<Message>(command.message));
  push(*node.renderNode, MessageOp{pending_->messages.back().get()});
}

void Compiler::take(const SetRunning& command, const CommandRecord&) {
  pending_->states.push_back({command.running != 0 ? RunState::running : RunState::suspended, command.generation});
}

void Compiler::take(const CloseSession& command, const CommandRecord&) {
  pending_->states.push_back({RunState::closed, command.generation});
}

}  // namespace backline::render
