#include "render/planner.h"

#include <algorithm>
#include <array>

#include "render/order.h"
#include "render/records.h"

namespace backline::render {

namespace {

/// What one session may make us reserve: 1 GiB of samples.
constexpr std::uint64_t kMostSamples = std::uint64_t{1} << 28;

[[noreturn]] void tooLarge(std::uint64_t samples) {
  throw RecordError("the graph needs room for at least " + std::to_string(samples) + " samples at once; there may be " + std::to_string(kMostSamples));
}

/// Hands out stretches of the arena by channel count, and takes them back when their last reader has run.
class Slots {
 public:
  std::uint32_t take(std::uint32_t channels) {
    auto& list = free_[channels];
    if (!list.empty()) {
      const std::uint32_t start = list.back();
      list.pop_back();
      return start;
    }
    if (used_ + channels > kMostSamples) tooLarge(used_ + channels);
    const std::uint32_t start = used_;
    used_ += channels;
    return start;
  }
  void give(std::uint32_t start, std::uint32_t channels) { free_[channels].push_back(start); }
  std::uint32_t used() const { return used_; }

 private:
  std::array<std::vector<std::uint32_t>, kMaxChannels + 1> free_;
  std::uint32_t used_ = 0;   // in channels
};

std::uint32_t mostChannels(const ChannelRules& rules, std::uint32_t sources) {
  switch (rules.mode) {
    case ChannelCountMode::max:
      return std::max(1u, sources);
    case ChannelCountMode::clampedMax:
      return std::max(1u, std::min(sources, rules.count));
    case ChannelCountMode::explicitCount:
      return rules.count;
  }
  return 1;
}

class Planner {
 public:
  Planner(const Graph& graph, NodeId destination, std::uint32_t quantum)
      : graph_(graph), destination_(destination), quantum_(quantum), connections_(graph), order_(orderNodes(graph, connections_)), plan_(std::make_unique<Plan>()) {}

  std::unique_ptr<Plan> run() {
    findLastReaders();
    plan_->steps.reserve(order_.steps.size());
    plan_->paramBlock = addBlock(1, slots_.take(1));
    silent_ = addBlock(1, slots_.take(1));
    plan_->output = silent_;
    reserveBreakers();
    for (std::uint32_t i = 0; i < order_.steps.size(); ++i) addStep(i);
    layOut();
    return std::move(plan_);
  }

 private:
  struct Output {
    std::uint32_t block;
    std::uint32_t lastReader;   // position in the order
    bool read = false;
  };

  const GraphNode& node(std::uint32_t place) const { return *graph_.nodes()[place]; }

  void findLastReaders() {
    firstOutput_.resize(graph_.nodes().size());
    std::uint32_t outputs = 0;
    for (const auto& [place, part] : order_.steps) {
      if (part == Part::input) continue;
      firstOutput_[place] = outputs;
      outputs += node(place).outputs;
    }
    outputs_.assign(outputs, {0, 0});
    for (std::uint32_t i = 0; i < order_.steps.size(); ++i) {
      for (const Source& source : heard(order_.steps[i])) {
        outputs_[firstOutput_[source.node] + source.output].read = true;
        if (!isHeard(order_.steps[i].place, source)) continue;
        std::uint32_t& last = outputs_[firstOutput_[source.node] + source.output].lastReader;
        last = std::max(last, i);
      }
    }
    plan_->inputs.reserve(connections_.lists());
    plan_->params.reserve(connections_.lists());
    plan_->sources.reserve(connections_.sources());
    plan_->blocks.reserve(connections_.lists() + outputs + 2);
    starts_.reserve(connections_.lists() + outputs + 2);
  }

  /// What goes round in a cycle is muted. A listener in one has its parameters all the same, without what the cycle would add.
  bool isMuted(std::uint32_t place) const { return order_.muted[place] && !node(place).declaration->isListener; }
  bool isHeard(std::uint32_t place, const Source& source) const {
    return !isMuted(place) && !(order_.muted[place] && order_.muted[source.node]);
  }

  /// What a step reads: a cycle breaker's parameters come with its output, its inputs at the end.
  std::span<const Source> heard(const Order::Step& step) const {
    const std::span<const Source> all = connections_.into(step.place);
    if (step.part == Part::whole) return all;
    std::size_t inputs = 0;
    for (std::uint32_t i = 0; i < node(step.place).inputs; ++i) inputs += connections_.list(step.place, i).size();
    return step.part == Part::input ? all.first(inputs) : all.subspan(inputs);
  }

  /// The channels that a cycle breaker's output needs are those of its input, which may depend on them: the least that agree.
  void reserveBreakers() {
    if (order_.steps.empty() || order_.steps.back().part != Part::input) return;
    breakerChannels_.assign(graph_.nodes().size(), 1);
    std::vector<std::uint32_t> channels(outputs_.size(), 1);
    for (bool grown = true; grown;) {
      grown = false;
      for (const auto& [place, part] : order_.steps) {
        if (order_.muted[place]) continue;
        const GraphNode& graphNode = node(place);
        inputChannels_.clear();
        for (std::uint32_t i = 0; part != Part::output && i < graphNode.inputs; ++i) {
          std::uint32_t most = 0;
          for (const Source& source : connections_.list(place, i)) most = std::max(most, channels[firstOutput_[source.node] + source.output]);
          inputChannels_.push_back(mostChannels(graphNode.rules, most));
        }
        if (part == Part::input) {
          const std::uint32_t wanted = outputChannels(graphNode, 0);
          grown |= wanted > breakerChannels_[place];
          breakerChannels_[place] = std::max(breakerChannels_[place], wanted);
          continue;
        }
        for (std::uint32_t i = 0; i < graphNode.outputs; ++i)
          channels[firstOutput_[place] + i] = part == Part::output ? breakerChannels_[place] : outputChannels(graphNode, i);
      }
    }
  }

  std::uint32_t addBlock(std::uint32_t channels, std::uint32_t start) {
    Block block;
    block.frames = quantum_;
    block.capacity = static_cast<std::uint8_t>(channels);
    plan_->blocks.push_back(block);
    starts_.push_back(start);
    return static_cast<std::uint32_t>(plan_->blocks.size() - 1);
  }

  Run addSources(std::uint32_t place, std::span<const Source> list) {
    Run run{static_cast<std::uint32_t>(plan_->sources.size()), 0};
    for (const Source& source : list) {
      if (!isHeard(place, source)) continue;
      plan_->sources.push_back(outputs_[firstOutput_[source.node] + source.output].block);
      ++run.count;
    }
    return run;
  }

  void addStep(std::uint32_t position) {
    const auto [place, part] = order_.steps[position];
    const GraphNode& graphNode = node(place);
    StepPlan step;
    step.node = graphNode.renderNode.get();
    step.muted = isMuted(place);
    step.part = part;
    step.connected = !connections_.into(place).empty();
    for (std::uint32_t i = 0; i < graphNode.outputs; ++i) step.connected |= outputs_[firstOutput_[place] + i].read;
    step.inputs = {static_cast<std::uint32_t>(plan_->inputs.size()), step.muted || part == Part::output ? 0 : graphNode.inputs};
    inputChannels_.clear();
    scratch_.clear();
    for (std::uint32_t i = 0; i < step.inputs.count; ++i) {
      InputPlan input;
      const bool fromListener = graphNode.declaration->hearsListener && i + 1 == graphNode.inputs;
      input.rules = fromListener ? ChannelRules{} : graphNode.rules;
      input.sources = addSources(place, connections_.list(place, i));
      std::uint32_t most = 0;
      for (std::uint32_t s = 0; s < input.sources.count; ++s)
        most = std::max<std::uint32_t>(most, plan_->blocks[plan_->sources[input.sources.first + s]].capacity);
      const std::uint32_t channels = mostChannels(input.rules, most);
      inputChannels_.push_back(channels);
      if (input.rules.mode == ChannelCountMode::max && input.sources.count <= 1) {
        input.mix = silent_;   // one source passes as it is
      } else {
        scratch_.push_back({slots_.take(channels), channels});
        input.mix = addBlock(channels, scratch_.back().first);
      }
      plan_->inputs.push_back(input);
    }
    step.params = {static_cast<std::uint32_t>(plan_->params.size()),
                   part == Part::input ? 0 : static_cast<std::uint32_t>(graphNode.paramSources.size())};
    for (std::uint32_t i = 0; i < step.params.count; ++i)
      plan_->params.push_back(addSources(place, connections_.list(place, graphNode.inputs + i)));
    const std::uint32_t outputs = part == Part::input ? 0 : graphNode.outputs;
    step.outputs = {static_cast<std::uint32_t>(plan_->blocks.size()), outputs};
    for (std::uint32_t i = 0; i < outputs; ++i) {
      std::uint32_t channels = step.muted ? 1 : part == Part::output ? breakerChannels_[place] : outputChannels(graphNode, i);
      channels = keepForTail(graphNode, i, channels);
      outputs_[firstOutput_[place] + i].block = addBlock(channels, slots_.take(channels));
    }
    for (const auto& [start, channels] : scratch_) slots_.give(start, channels);
    for (const Source& source : heard(order_.steps[position])) {
      if (isHeard(place, source)) release(firstOutput_[source.node] + source.output, position);
    }
    const bool isDestination = graphNode.id == destination_;
    if (isDestination && outputs > 0) plan_->output = step.outputs.first;
    for (std::uint32_t i = 0; i < outputs && !isDestination; ++i) release(firstOutput_[place] + i, position);
    plan_->mostParams = std::max(plan_->mostParams, step.params.count);
    plan_->mostInputs = std::max(plan_->mostInputs, step.inputs.count);
    plan_->steps.push_back(step);
  }

  /// Gives an output's stretch back once its last reader (or, unread, its own step) has been planned.
  void release(std::uint32_t output, std::uint32_t position) {
    Output& entry = outputs_[output];
    if (entry.lastReader > position || entry.lastReader == kReleased) return;
    slots_.give(starts_[entry.block], plan_->blocks[entry.block].capacity);
    entry.lastReader = kReleased;
  }

  /// What still sounds may have channels that its inputs have no longer.
  static std::uint32_t keepForTail(const GraphNode& graphNode, std::uint32_t output, std::uint32_t channels) {
    graphNode.reserved.resize(graphNode.outputs, 1);
    if (graphNode.renderNode && graphNode.renderNode->sounding.load(std::memory_order_relaxed)) channels = std::max(channels, graphNode.reserved[output]);
    return graphNode.reserved[output] = channels;
  }

  std::uint32_t outputChannels(const GraphNode& graphNode, std::uint32_t output) {
    std::uint32_t channels = 1;
    if (!graphNode.outputChannelCount.empty()) {
      channels = graphNode.outputChannelCount[output];
    } else if (graphNode.declaration->outputChannels != nullptr) {
      channels = graphNode.declaration->outputChannels({output, inputChannels_, graphNode.fields});
    } else {
      for (const std::uint32_t input : inputChannels_) channels = std::max(channels, input);
    }
    return std::clamp(channels, 1u, kMaxChannels);
  }

  void layOut() {
    Plan& plan = *plan_;
    constexpr std::size_t kAlignment = 64 / sizeof(float);
    const std::uint64_t samples = (std::uint64_t{slots_.used()} + plan.mostParams) * quantum_;
    if (samples > kMostSamples) tooLarge(samples);
    plan.arenaFrames = slots_.used() * quantum_;
    plan.arena = std::make_unique_for_overwrite<float[]>(plan.arenaFrames + kAlignment);
    float* base = plan.arena.get();
    while (reinterpret_cast<std::uintptr_t>(base) % 64 != 0) ++base;
    for (std::size_t i = 0; i < plan.blocks.size(); ++i) plan.blocks[i].data = base + std::size_t{starts_[i]} * quantum_;
    plan.blocks[silent_].clear();
    plan.paramValues.resize(std::size_t{plan.mostParams} * quantum_);
    plan.paramBlocks.resize(plan.mostParams);
    plan.inputBlocks.resize(plan.mostInputs);
  }

  static constexpr std::uint32_t kReleased = 0xffffffff;

  const Graph& graph_;
  const NodeId destination_;
  const std::uint32_t quantum_;
  const Connections connections_;
  const Order order_;
  std::unique_ptr<Plan> plan_;
  Slots slots_;
  std::uint32_t silent_ = 0;
  std::vector<std::uint32_t> starts_;        // of each block, in channels
  std::vector<std::uint32_t> firstOutput_;   // by place, into outputs_
  std::vector<Output> outputs_;
  std::vector<std::uint32_t> breakerChannels_;   // by place, where there are cycle breakers
  std::vector<std::uint32_t> inputChannels_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> scratch_;
};

}  // namespace

std::unique_ptr<Plan> compilePlan(const Graph& graph, NodeId destination, std::uint32_t quantum) {
  return Planner(graph, destination, quantum).run();
}

}  // namespace backline::render
