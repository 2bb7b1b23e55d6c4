// An AudioWorkletNode around a processor of the test's own.

#include <gtest/gtest.h>

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
  explicit ScriptedRuntime(Script& script) : script_(script) {}
  bool evaluate(std::span<const ModuleSource>, ScriptError&) override { return true; }
  std::unique_ptr<Processor> create(NodeId, const ProcessorOptions& options, ScriptError& error) override {
    if (options.name == "scripted") return std::make_unique<ScriptedProcessor>(script_);
    error = {"InvalidStateError", "unknown"};
    return nullptr;
  }
  void beginQuantum(const Quantum&) noexcept override {}
  void endQuantum() noexcept override {}

 private:
  Script& script_;
};

class WorkletTest : public testing::Test {
 protected:
  Script script;
  RenderSide side{2, [this](const WorkletConfig&) { return std::make_unique<ScriptedRuntime>(script); }};
  Batch batch;

  CreateWorkletNode worklet(std::vector<std::uint32_t> counts = {}) {
    CreateWorkletNode create;
    create.processor.name = "scripted";
    create.processor.outputChannelCount = std::move(counts);
    create.params = {{"amount", 0.25f, 0, 1}};
    return create;
  }
  void SetUp() override { batch.node(1, kDestination).add(1, AddModule{{{"a", "", {}}}}); }
};

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
  side.apply(batch.add(2, worklet({5})).connect(2, 1));
  side.quantum();
  EXPECT_EQ(script.outputChannels, 5u);
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
