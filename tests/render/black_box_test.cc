// What can be known of a render host's processors after its death.

#include "render/black_box.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <functional>

#include "tests/render/render_side.h"
#include "tests/support/child_process.h"

namespace backline {
namespace {

using namespace render;
using test::Batch;
using test::RenderSide;
using transport::SharedMemory;

SharedMemory again(const SharedMemory& memory) { return SharedMemory::map(memory.fd().duplicate()); }

/// Calls the test at every point where a program's code runs.
struct Probe {
  std::function<void()> look;
};

class ProbedProcessor final : public Processor {
 public:
  explicit ProbedProcessor(Probe& probe) : probe_(probe) {}
  ProcessorResult process(const ProcessorArgs&) noexcept override {
    probe_.look();
    return ProcessorResult::keepAlive;
  }
  void receive(std::span<const std::byte>) noexcept override { probe_.look(); }

 private:
  Probe& probe_;
};

class ProbedRuntime final : public WorkletRuntime {
 public:
  explicit ProbedRuntime(Probe& probe) : probe_(probe) {}
  bool evaluate(std::span<const ModuleSource>, bool, ScriptError&) override {
    probe_.look();
    return true;
  }
  std::unique_ptr<Processor> create(NodeId, const ProcessorOptions&, std::span<const ProcessorParam>, ScriptError&) override {
    probe_.look();
    return std::make_unique<ProbedProcessor>(probe_);
  }
  void beginQuantum(const Quantum&) noexcept override {}
  void endQuantum() noexcept override {}

 private:
  Probe& probe_;
};

class BlackBoxTest : public testing::Test {
 protected:
  const BlackBoxReader reader{BlackBox::create()};
  BlackBox box{again(reader.memory())};
  Probe probe;
  BlackBoxReader::Contents seen;
  int looks = 0;
  RenderSide side{2, [this](const WorkletConfig&) { return std::make_unique<ProbedRuntime>(probe); }, &box};
  Batch batch;

  void SetUp() override {
    probe.look = [this] {
      const transport::RealtimeExempt exempt;
      seen = reader.read();
      ++looks;
    };
  }
  void expectLook(Whereabouts render, Whereabouts compile) {
    EXPECT_EQ(looks, 1);
    EXPECT_EQ(seen.render, render);
    EXPECT_EQ(seen.compile, compile);
    EXPECT_EQ(reader.read().render, Whereabouts{}) << "afterwards nothing runs";
    EXPECT_EQ(reader.read().compile, Whereabouts{}) << "afterwards nothing runs";
    looks = 0;
  }
};

TEST_F(BlackBoxTest, NamesTheNodeAndWhatItIsCalledForWhereverTheProgramsCodeRuns) {
  side.apply(batch.node(1, kDestination).add(9, AddModule{{{"a", "", {}}}}));
  expectLook({}, {9, Phase::module});
  CreateWorkletNode create;
  create.processor.name = "probed";
  side.apply(batch.add(2, create));
  expectLook({}, {2, Phase::constructor});
  side.apply(batch.add(2, PortMessage{Message(3)}));
  expectLook({2, Phase::message}, {});
  side.quantum();
  expectLook({2, Phase::process}, {});
  EXPECT_FALSE(reader.read().verdict);
}

TEST_F(BlackBoxTest, AStretchInsideAnotherGivesItsPlaceBack) {
  const Lane::Stretch outer(box.compile, 5, Phase::constructor);
  const std::uint64_t before = box.compile.now();
  {
    const Lane::Stretch inner(box.compile, 6, Phase::microtasks);
    EXPECT_EQ(reader.read().compile, (Whereabouts{6, Phase::microtasks}));
  }
  EXPECT_EQ(reader.read().compile, (Whereabouts{5, Phase::constructor}));
  EXPECT_NE(box.compile.now(), before) << "a watchdog counts the outer one anew";
}

TEST_F(BlackBoxTest, TwoStretchesOfOneNodeDoNotLookLikeOne) {
  std::uint64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const Lane::Stretch stretch(box.render, 7, Phase::process);
    ASSERT_NE(box.render.now(), last);
    last = box.render.now();
  }
  EXPECT_EQ(box.render.now(), 0u);
}

TEST_F(BlackBoxTest, AVerdictIsReadWhole) {
  const Lane::Stretch stretch(box.render, 0xffffffffu, Phase::message);
  box.condemn(box.render.now());
  EXPECT_EQ(reader.read().verdict, (Whereabouts{0xffffffffu, Phase::message}));
}

TEST_F(BlackBoxTest, ACallThatADebuggerHasStoppedIsShownAndCountsAsNone) {
  const Lane::Stretch call(box.render, 5, Phase::process);
  const std::uint64_t before = box.render.now();
  {
    const Lane::Stretch stopped(box.render, 5, Phase::paused);
    EXPECT_EQ(box.render.now(), 0u) << "a watchdog finds nothing to watch";
    EXPECT_EQ(reader.read().render, (Whereabouts{5, Phase::paused}));
  }
  EXPECT_NE(box.render.now(), before) << "what it takes counts from here";
  EXPECT_EQ(reader.read().render, (Whereabouts{5, Phase::process}));
}

TEST(BlackBoxPeers, AProcessKilledInsideAProcessorIsReadAfterItsDeath) {
  const BlackBoxReader reader(BlackBox::create());
  test::ChildProcess host([&]() -> int {
    BlackBox box(again(reader.memory()));
    const Lane::Stretch other(box.compile, 41, Phase::constructor);
    const Lane::Stretch stretch(box.render, 42, Phase::process);
    raise(SIGKILL);
    return 0;
  });
  EXPECT_EQ(host.wait(), -SIGKILL);
  EXPECT_EQ(reader.read().render, (Whereabouts{42, Phase::process}));
  EXPECT_EQ(reader.read().compile, (Whereabouts{41, Phase::constructor}));
}

TEST(BlackBoxPeers, NonsenseShowsAsNothing) {
  const BlackBoxReader reader(BlackBox::create());
  auto& layout = *reinterpret_cast<BlackBoxLayout*>(reader.memory().bytes().data());
  for (const std::uint64_t word : {std::uint64_t{8} << 32, std::uint64_t{255} << 32, std::uint64_t{17}}) {
    layout.render = layout.compile = layout.verdict = word;
    EXPECT_EQ(reader.read().render, Whereabouts{});
    EXPECT_EQ(reader.read().compile, Whereabouts{});
    EXPECT_FALSE(reader.read().verdict);
  }
  EXPECT_THROW(BlackBox(SharedMemory::create("no-box", sizeof(BlackBoxLayout))), std::runtime_error);
}

TEST(BlackBoxLane, CountsTheProcessorTimeOfTheThreadThatIsInIt) {
  BlackBox box;
  const Lane::Stretch stretch(box.render, 1, Phase::process);
  const double before = *box.render.processorTime();
  volatile unsigned work = 0;
  while (*box.render.processorTime() < before + 0.01) work = work + 1;
  EXPECT_GT(work, 0u);
}

}  // namespace
}  // namespace backline
