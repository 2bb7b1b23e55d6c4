#include "render/executor.h"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "dsp/kernels.h"
#include "dsp/mixing.h"

namespace backline::render {

namespace {

dsp::MixRule mixRule(const ChannelRules& rules) {
  return rules.interpretation == ChannelInterpretation::speakers ? dsp::MixRule::speakers : dsp::MixRule::discrete;
}

dsp::ConstPlanes planes(const Block& block) { return {block.data, block.channels, block.frames}; }

/// computedNumberOfChannels (Web Audio §1.5.2), never more than was reserved.
std::uint32_t computedChannels(const ChannelRules& rules, std::uint32_t most, std::uint32_t capacity) {
  std::uint32_t channels = rules.count;
  if (rules.mode == ChannelCountMode::max) channels = most;
  if (rules.mode == ChannelCountMode::clampedMax) channels = std::min(most, rules.count);
  return std::clamp(channels, 1u, capacity);
}

std::int64_t nanoseconds() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Executor::Executor(const ExecutorConfig& config, NoticeQueue& notices) : config_(config), notices_(notices), rt_{.costs = NodeCosts(config.quantum, config.sampleRate)} {
  rt_.quantum = {config.firstFrame, config.quantum, config.sampleRate};
  rt_.silenceData = std::make_unique<float[]>(std::size_t{config.quantum} * config.channels);
  rt_.silence.data = rt_.silenceData.get();
  rt_.silence.frames = config.quantum;
  rt_.silence.clear();
  rt_.mixData = std::make_unique<float[]>(std::size_t{config.quantum} * config.channels);
}

Executor::~Executor() { clear(); }

void Executor::clear() {
  while (Transaction* transaction = submitted_.pop()) {
    apply(*transaction);   // hands its events to their timelines, which free them
    delete transaction;
  }
  while (Transaction* transaction = spent_.pop()) delete transaction;
  rt_.plan.reset();
  retire(nullptr);
}

bool Executor::submit(std::unique_ptr<Transaction>& transaction) {
  if (!submitted_.push(transaction.get())) return false;
  transaction.release();
  return true;
}

std::unique_ptr<Transaction> Executor::reclaim() { return std::unique_ptr<Transaction>(spent_.pop()); }

bool Executor::applySubmitted() noexcept {
  bool any = false;
  while (spent_.hasRoom()) {
    Transaction* transaction = submitted_.pop();
    if (transaction == nullptr) break;
    apply(*transaction);
    spent_.push(transaction);
    any = true;
  }
  sayPending();
  return any;
}

void Executor::apply(Transaction& transaction) noexcept {
  if (transaction.plan) std::swap(rt_.plan, transaction.plan);
  for (ValueOp& op : transaction.ops) applyOp(op);
  for (const RunState& state : transaction.states) enter(state);
  rt_.appliedSequence = transaction.sequence;
}

void Executor::applyOp(ValueOp& op) noexcept {
  auto& rt = op.node->rt_;
  if (auto* set = std::get_if<FieldOp>(&op.op)) {
    rt.fields[set->field] = set->value;
  } else if (auto* schedule = std::get_if<ScheduleOp>(&op.op)) {
    rt.schedule = schedule->schedule;
  } else if (auto* event = std::get_if<EventOp>(&op.op)) {
    rt.params[event->param].timeline.insert(event->event);
    event->event = nullptr;
    retire(rt.params[event->param].timeline.takeRetired());
  } else if (auto* cancel = std::get_if<CancelOp>(&op.op)) {
    rt.params[cancel->param].timeline.cancel(cancel->time);
    retire(rt.params[cancel->param].timeline.takeRetired());
  } else if (auto* hold = std::get_if<HoldOp>(&op.op)) {
    rt.params[hold->param].timeline.cancelAndHold(hold->time, hold->hold, hold->spare);
    retire(rt.params[hold->param].timeline.takeRetired());
  } else if (auto* rate = std::get_if<RateOp>(&op.op)) {
    rt.params[rate->param].rate = rate->rate;
  } else if (auto* value = std::get_if<ValueSetOp>(&op.op)) {
    rt.params[value->param].timeline.setValue(value->value);
  } else if (auto* resumed = std::get_if<ResumeOp>(&op.op)) {
    rt.started = true;
    rt.finished = resumed->ended;
    op.node->renderer->resume(*resumed->past, rt.fields, rt.schedule, config_.sampleRate);
  } else if (auto* message = std::get_if<MessageOp>(&op.op)) {
    op.node->renderer->receive(*message->message);
  }
}

void Executor::enter(RunState state) noexcept {
  if (rt_.state == RunState::closed) return;
  rt_.state = state.kind;
  rt_.generation = state.generation;
  if (state.kind != RunState::running && rt_.plan) {
    for (const StepPlan& step : rt_.plan->steps) step.node->renderer->pause(step.node->rt_.fields);
  }
  const StateChanged change{state.kind, state.generation, rt_.quantum.frame};
  sayPending();
  // Only the newest of more unsaid changes than there is room for matters: its generation answers for those before it.
  if (rt_.unsaidCount > 0 || !notices_.stateChanged(change)) {
    rt_.unsaidCount = std::min<std::uint32_t>(rt_.unsaidCount + 1, std::size(rt_.unsaid));
    rt_.unsaid[rt_.unsaidCount - 1] = change;
  }
}

void Executor::render(float* interleaved) noexcept {
  WorkletRuntime* worklets = worklets_.load(std::memory_order_acquire);
  if (worklets != nullptr) worklets->beginQuantum(rt_.quantum);
  if (rt_.plan) runSteps(*rt_.plan);
  if (worklets != nullptr) worklets->endQuantum();
  sayPending();
  retire(nullptr);

  const Block& block = output();
  const std::uint32_t channels = config_.channels, frames = config_.quantum;
  if (interleaved != nullptr) {
    if (block.silent) {
      std::memset(interleaved, 0, sizeof(float) * channels * frames);
    } else {
      const float* source = block.data;
      if (block.channels != channels) {
        dsp::mixTo(planes(block), {rt_.mixData.get(), channels, frames}, dsp::MixRule::speakers);
        source = rt_.mixData.get();
      }
      for (std::uint32_t c = 0; c < channels; ++c)
        for (std::uint32_t i = 0; i < frames; ++i) interleaved[std::size_t{i} * channels + c] = source[std::size_t{c} * frames + i];
    }
  }
  rt_.quantum.frame += frames;
}

const Block& Executor::output() const noexcept { return rt_.plan ? rt_.plan->blocks[rt_.plan->output] : rt_.silence; }

int Executor::serveWorklets() noexcept {
  WorkletRuntime* worklets = worklets_.load(std::memory_order_acquire);
  if (worklets == nullptr) return -1;
  worklets->beginQuantum(rt_.quantum);
  worklets->endQuantum();
  return worklets->nextTask();
}

void Executor::runSteps(Plan& plan) noexcept {
  const std::span<const StepPlan> steps(plan.steps);
  const std::size_t first = rt_.costs.next(static_cast<std::uint32_t>(steps.size()));
  const std::size_t last = std::min(first + NodeCosts::kSteps, steps.size());
  for (const StepPlan& step : steps.first(first)) runStep(plan, step);
  measureSteps(plan, steps.subspan(first, last - first));
  for (const StepPlan& step : steps.subspan(last)) runStep(plan, step);
}

void Executor::measureSteps(Plan& plan, std::span<const StepPlan> steps) noexcept {
  if (steps.empty()) return;
  std::int64_t before = nanoseconds();
  for (const StepPlan& step : steps) {
    runStep(plan, step);
    const std::int64_t after = nanoseconds();
    rt_.costs.measured(step.node->id, static_cast<float>(after - before) * 1e-9f, step.node->rt_.cost);
    before = after;
  }
}

void Executor::runStep(Plan& plan, const StepPlan& step) noexcept {
  RenderNode& node = *step.node;
  if (step.part == Part::input) {
    if (step.muted || step.inputs.count == 0) return;
    node.renderer->absorb(*mixInput(plan, plan.inputs[step.inputs.first]));
    if (node.renderer->holdsSound()) node.sounding.store(true, std::memory_order_relaxed);
    return;
  }
  const std::span<Block> outputs(plan.blocks.data() + step.outputs.first, step.outputs.count);
  Activity activity = Activity::idle;
  if (!step.muted && !node.rt_.finished) {
    for (std::uint32_t i = 0; i < step.inputs.count; ++i) plan.inputBlocks[i] = mixInput(plan, plan.inputs[step.inputs.first + i]);
    for (std::uint32_t i = 0; i < step.params.count; ++i) computeParam(plan, step, i);
    for (Block& output : outputs) output.channels = 1, output.constant = false;
    activity = node.renderer->process({rt_.quantum,
                                       {plan.inputBlocks.data(), step.inputs.count},
                                       outputs,
                                       {plan.paramBlocks.data(), step.params.count},
                                       node.rt_.fields,
                                       node.rt_.schedule,
                                       step.inputs.count > 0 ? plan.inputs[step.inputs.first].rules.interpretation : ChannelInterpretation::speakers,
                                       step.connected});
  }
  node.sounding.store(activity == Activity::active || (activity == Activity::idle && node.renderer->holdsSound()), std::memory_order_relaxed);
  for (Block& output : outputs) {
    if (activity == Activity::idle) {
      output.clear();
    } else {
      output.active = true;
    }
  }
  if (activity != Activity::idle && node.declaration.scheduled) saySource(node, activity);
}

void Executor::saySource(RenderNode& node, Activity activity) noexcept {
  auto& rt = node.rt_;
  if (activity == Activity::finished) {
    rt.finished = true;
    rt.startedUnsaid = false;
    rt.endedUnsaid = !notices_.ended(node.id);
    rt_.sourcesUnsaid |= rt.endedUnsaid;
  } else if (!rt.started) {
    rt.started = true;
    rt.startedAt = rt_.quantum.frame;
    rt.startedUnsaid = !notices_.started(node.id, rt.startedAt);
    rt_.sourcesUnsaid |= rt.startedUnsaid;
  }
}

const Block* Executor::mixInput(Plan& plan, const InputPlan& input) noexcept {
  Block& mix = plan.blocks[input.mix];
  const std::span<const std::uint32_t> sources(plan.sources.data() + input.sources.first, input.sources.count);
  if (sources.size() == 1) {
    const Block& source = plan.blocks[sources[0]];
    if (source.channels == computedChannels(input.rules, source.channels, kMaxChannels)) return &source;
  }
  std::uint32_t most = 1, sounding = 0;
  bool active = false;
  const Block* only = nullptr;
  for (const std::uint32_t index : sources) {
    const Block& source = plan.blocks[index];
    most = std::max<std::uint32_t>(most, source.channels);
    active |= source.active;
    if (!source.silent) {
      ++sounding;
      only = &source;
    }
  }
  const std::uint32_t channels = computedChannels(input.rules, most, mix.capacity);
  if (sounding == 1 && only->channels == channels) return only;
  if (sounding == 0) {
    mix.zero(channels);
    mix.active = active;
    return &mix;
  }
  const dsp::MixRule rule = mixRule(input.rules);
  mix.channels = static_cast<std::uint8_t>(channels);
  mix.silent = mix.constant = false;
  mix.active = true;
  bool first = true;
  for (const std::uint32_t index : sources) {
    const Block& source = plan.blocks[index];
    if (source.silent) continue;
    const dsp::Planes out{mix.data, channels, mix.frames};
    first ? dsp::mixTo(planes(source), out, rule) : dsp::mixOnto(planes(source), out, rule);
    first = false;
  }
  return &mix;
}

void Executor::computeParam(Plan& plan, const StepPlan& step, std::uint32_t index) noexcept {
  ParamSlot& slot = step.node->rt_.params[index];
  const std::uint32_t frames = config_.quantum;
  float* values = plan.paramValues.data() + std::size_t{index} * frames;
  const bool kRate = slot.rate == AutomationRate::kRate;
  bool constant = slot.timeline.process(rt_.quantum.frame, {values, kRate ? 1 : frames});
  if (dsp::TimelineEvent* retired = slot.timeline.takeRetired()) retire(retired);

  const Run run = plan.params[step.params.first + index];
  Block& mix = plan.blocks[plan.paramBlock];
  bool heard = false;
  for (std::uint32_t i = 0; i < run.count; ++i) {
    const Block& source = plan.blocks[plan.sources[run.first + i]];
    if (source.silent) continue;
    const dsp::Planes out{mix.data, 1, mix.frames};
    heard ? dsp::mixOnto(planes(source), out, dsp::MixRule::speakers) : dsp::mixTo(planes(source), out, dsp::MixRule::speakers);
    heard = true;
  }
  if (heard) {
    if (kRate) {
      values[0] += mix.data[0];
    } else {
      if (constant) std::fill(values + 1, values + frames, values[0]);
      constant = false;
      dsp::add(mix.data, values, frames);
    }
  }
  constant |= kRate;
  const float low = slot.timeline.minimum(), high = slot.timeline.maximum();
  if (constant) {
    dsp::scalar::clamp(values, low, high, slot.initial, 1);
  } else {
    dsp::clamp(values, low, high, slot.initial, frames);
  }
  plan.paramBlocks[index] = {values, constant};
}

void Executor::retire(dsp::TimelineEvent* events) noexcept {
  if (events != nullptr) {
    dsp::TimelineEvent* last = events;
    while (last->next != nullptr) last = last->next;
    last->next = rt_.retired;
    rt_.retired = events;
  }
  dsp::TimelineEvent* none = nullptr;
  if (rt_.retired != nullptr && retiredForCompile_.compare_exchange_strong(none, rt_.retired, std::memory_order_release)) rt_.retired = nullptr;
}

void Executor::sayPending() noexcept {
  std::uint32_t said = 0;
  while (said < rt_.unsaidCount && notices_.stateChanged(rt_.unsaid[said])) ++said;
  std::copy(rt_.unsaid + said, rt_.unsaid + rt_.unsaidCount, rt_.unsaid);
  rt_.unsaidCount -= said;
  if (!rt_.sourcesUnsaid || !rt_.plan) return;
  rt_.sourcesUnsaid = false;
  for (const StepPlan& step : rt_.plan->steps) {
    auto& rt = step.node->rt_;
    if (rt.startedUnsaid) rt.startedUnsaid = !notices_.started(step.node->id, rt.startedAt);
    if (rt.endedUnsaid) rt.endedUnsaid = !notices_.ended(step.node->id);
    rt_.sourcesUnsaid |= rt.startedUnsaid || rt.endedUnsaid;
  }
}

}  // namespace backline::render
