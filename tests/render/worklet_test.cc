// An AudioWorkletNode around a processor of the test's own.

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <thread>

#include "tests/render/render_side.h"

namespace backline {
namespace {

using namespace render;
using test::Batch;
using test::RenderSide;

struct Script {
  int calls = 0;
  int activeInputs = 0;
  std::uint32_t outputChannels = 0;
  ProcessorResult result = ProcessorResult::keepAlive;
  std::vector<std::byte> heard;
  float param = 0;
  std::function<void(WorkletEvents&)> module;   // what a module does
  std::vector<std::uint64_t> frames;            // the scope's: when it was made, at its quanta
};

class ScriptedProcessor final : public Processor {
 public:
  explicit ScriptedProcessor(Script& script) : script_(script) { script.heard.reserve(64); }
  ProcessorResult process(const ProcessorArgs& args) noexcept override {
    ++script_.calls;
    script_.activeInputs = 0;
    for (const Block* input : args.inputs) script_.activeInputs += input->active;
    script_.outputChannels = args.outputs[0].channels;
    for (std::uint32_t c = 0; c < args.outputs[0].channels; ++c) args.outputs[0].channel(c)[0] = 0.5f;
    args.outputs[0].silent = false;
    if (!args.params.empty()) script_.param = args.params[0].at(0);
    return script_.result;
  }
  void receive(std::span<const std::byte> message) noexcept override { script_.heard.assign(message.begin(), message.end()); }

 private:
  Script& script_;
};

class ScriptedRuntime final : public WorkletRuntime {
 public:
  ScriptedRuntime(Script& script, const WorkletConfig& config) : script_(script), events_(config.events) {
    script.frames.reserve(64);
    script.frames.push_back(config.firstFrame);
  }
  bool evaluate(std::span<const ModuleSource>, bool, ScriptError&) override {
    if (!script_.module) return true;
    std::thread([this] { script_.module(*events_); }).join();   // as after a top-level await, which ends on the render thread
    return true;
  }
  std::unique_ptr<Processor> create(NodeId, const ProcessorOptions& options, std::span<const ProcessorParam>, ScriptError& error) override {
    if (options.name == "scripted") return std::make_unique<ScriptedProcessor>(script_);
    error = {"InvalidStateError", "unknown"};
    return nullptr;
  }
  void beginQuantum(const Quantum& quantum) noexcept override {
    if (script_.frames.size() < script_.frames.capacity()) script_.frames.push_back(quantum.frame);
  }
  void endQuantum() noexcept override {}

 private:
  Script& script_;
  WorkletEvents* events_;
};

class WorkletTest : public testing::Test {
 protected:
  Script script;
  RenderSide side{2, [this](const WorkletConfig& config) { return std::make_unique<ScriptedRuntime>(script, config); }};
  Batch batch;

  CreateWorkletNode worklet(std::optional<std::vector<std::uint32_t>> counts = {}) {
    CreateWorkletNode create;
    create.processor.name = "scripted";
    create.processor.outputChannelCount = std::move(counts);
    create.params = {{"amount", 0.25f, 0, 1}};
    return create;
  }
  void SetUp() override {
    side.apply(batch.node(1, kDestination).add(1, AddModule{{{"a", "", {}}}}));
    side.notices.clear();
  }
};

TEST_F(WorkletTest, TheScopesTimeBeginsAtTheFirstFrame) {
  Script later;
  RenderSide side(2, [&](const WorkletConfig& config) { return std::make_unique<ScriptedRuntime>(later, config); }, nullptr, 12345);
  side.apply(Batch().node(1, kDestination).add(1, AddModule{{{"a", "", {}}}}));
  side.quantum();
  side.quantum();
  EXPECT_EQ(later.frames, (std::vector<std::uint64_t>{12345, 12345, 12345 + RenderSide::kQuantum}));
}

TEST_F(WorkletTest, ANodeWhoseProcessorHasNoNameIsThereAndSilent) {
  CreateWorkletNode create = worklet();
  create.processor.name.clear();
  side.apply(batch.add(2, create).connect(2, 1).setValue(2, 0, 0.5f, 0).node(3, kConstantSource).connect(3, 2).start(3, 0));
  for (const float sample : side.quantum()) ASSERT_EQ(sample, 0);
  EXPECT_EQ(script.calls, 0);
  EXPECT_TRUE(side.targets<ProcessorFailed>().empty());
}

TEST_F(WorkletTest, AnUnconnectedProcessorRunsWhileItAsksTo) {
  side.apply(batch.add(2, worklet()));
  side.quantum();
  side.quantum();
  EXPECT_EQ(script.calls, 2);
  script.result = ProcessorResult::done;
  side.quantum();
  side.quantum();
  EXPECT_EQ(script.calls, 3);
  EXPECT_EQ(side.targets<ProcessorEnded>(), std::vector<std::uint32_t>{2});
}

TEST_F(WorkletTest, AProcessorThatIsDoneRunsAgainWhileItsInputSounds) {
  script.result = ProcessorResult::done;
  side.apply(batch.add(2, worklet()).connect(2, 1));
  side.quantum();
  side.quantum();
  EXPECT_EQ(script.calls, 1);
  side.apply(batch.node(3, kConstantSource).connect(3, 2).start(3, 0));
  side.quantum();
  EXPECT_EQ(script.calls, 2);
  EXPECT_EQ(script.activeInputs, 1);
}

TEST_F(WorkletTest, OneInputAndOneOutputHaveEquallyManyChannels) {
  side.apply(batch.add(2, worklet()).connect(2, 1).node(3, kGain).add(3, SetChannelRules{{2, ChannelCountMode::explicitCount}}));
  side.quantum();
  EXPECT_EQ(script.outputChannels, 1u);
  side.apply(batch.node(4, kConstantSource).connect(4, 3).connect(3, 2).start(4, 0));
  side.quantum();
  EXPECT_EQ(script.outputChannels, 2u);
}

TEST_F(WorkletTest, GivenOutputChannelCountsAreKept) {
  side.apply(batch.add(2, worklet(std::vector<std::uint32_t>{5})).connect(2, 1));
  side.quantum();
  EXPECT_EQ(script.outputChannels, 5u);
}

TEST_F(WorkletTest, AnEmptyListOfCountsNamesNoOutputAndIsNotAnAbsentOne) {
  CreateWorkletNode sink = worklet(std::vector<std::uint32_t>{});
  sink.processor.outputs = 0;
  EXPECT_NO_THROW(side.apply(batch.add(2, sink)));
  EXPECT_THROW(side.apply(batch.add(3, worklet(std::vector<std::uint32_t>{}))), RecordError);
}

TEST_F(WorkletTest, ModuleEvaluatedFollowsAllThatItsModuleSaidWhateverTheThread) {
  script.module = [](WorkletEvents& events) {
    events.processorRegistered("first", {{"amount"}});
    events.registrationFailed({"second", "TypeError: no class"});
    events.console("log", "half way", "file:///a.js:3:9");
    events.processorRegistered("third", {});
    events.processorRegistered("first", {});
  };
  side.apply(batch.add(77, AddModule{{{"b", "", {}}}}));
  ASSERT_EQ(side.notices.size(), 5u);
  const auto& first = std::get<ProcessorRegistered>(side.notices[0].body);
  EXPECT_EQ(side.notices[0].target, 77u);
  EXPECT_EQ(first.params.at(0).name, "amount");
  EXPECT_EQ(first.generation, 1u);
  EXPECT_EQ(std::get<ConsoleLine>(side.notices[1].body).text, "half way");
  EXPECT_EQ(std::get<ConsoleLine>(side.notices[1].body).place, "file:///a.js:3:9");
  EXPECT_EQ(std::get<ProcessorRegistered>(side.notices[2].body).name, "third");
  EXPECT_EQ(std::get<ProcessorRegistered>(side.notices[3].body).generation, 2u);
  const auto& evaluated = std::get<ModuleEvaluated>(side.notices[4].body);
  EXPECT_EQ(side.notices[4].target, 77u);
  ASSERT_EQ(evaluated.failures.size(), 1u);
  EXPECT_EQ(evaluated.failures[0].name, "second");
  EXPECT_EQ(evaluated.failures[0].reason, "TypeError: no class");
}

TEST_F(WorkletTest, AHundredThousandRegistrationsAreToldInOrderThoughTheNoticeRingIsFull) {
  constexpr std::uint32_t kCount = 100'000;
  script.module = [](WorkletEvents& events) {
    for (std::uint32_t i = 0; i < kCount; ++i) events.processorRegistered(std::to_string(i), {});
  };
  side.apply(batch.add(77, AddModule{{{"b", "", {}}}}));
  ASSERT_EQ(side.notices.size(), kCount + 1);
  for (std::uint32_t i = 0; i < kCount; ++i) ASSERT_EQ(std::get<ProcessorRegistered>(side.notices[i].body).name, std::to_string(i));
  EXPECT_TRUE(std::holds_alternative<ModuleEvaluated>(side.notices.back().body));
}

TEST_F(WorkletTest, AFloodOnTheConsoleIsCutOffAndSaidToBe) {
  script.module = [](WorkletEvents& events) {
    for (int i = 0; i < 50'000; ++i) events.console("log", "noise", "");
  };
  side.apply(batch.add(77, AddModule{{{"b", "", {}}}}));
  std::size_t lines = 0, warnings = 0;
  for (const auto& notice : side.notices) {
    const auto* line = std::get_if<ConsoleLine>(&notice.body);
    if (line != nullptr) ++(line->level == "log" ? lines : warnings);
  }
  EXPECT_GE(lines, 10'000u);
  EXPECT_LT(lines, 50'000u);
  EXPECT_GE(warnings, 1u);
}

TEST_F(WorkletTest, AFailedProcessorIsSilentForGood) {
  side.apply(batch.add(2, worklet()).connect(2, 1));
  EXPECT_EQ(side.quantum()[0], 0.5f);
  script.result = ProcessorResult::failed;
  EXPECT_EQ(side.quantum()[0], 0.0f);
  script.result = ProcessorResult::keepAlive;
  EXPECT_EQ(side.quantum()[0], 0.0f);
  EXPECT_EQ(script.calls, 2);
}

TEST_F(WorkletTest, AProcessorThatCannotBeMadeIsSaidAndItsNodeIsSilent) {
  CreateWorkletNode create = worklet();
  create.processor.name = "other";
  side.apply(batch.add(2, create).connect(2, 1));
  EXPECT_EQ(side.targets<ProcessorFailed>(), std::vector<std::uint32_t>{2});
  EXPECT_EQ(side.quantum()[0], 0.0f);
}

TEST_F(WorkletTest, MessagesAndParametersArrive) {
  side.apply(batch.add(2, worklet()).add(2, PortMessage{Message(3, std::byte{9})}).setValue(2, 0, 0.75f, 0));
  side.quantum();
  EXPECT_EQ(script.heard, Message(3, std::byte{9}));
  EXPECT_EQ(script.param, 0.75f);
}

}  // namespace
}  // namespace backline
