// What a graph sounds like, through compiler, planner and executor.

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/render/render_side.h"
#include "tests/support/seed.h"

namespace backline {
namespace {

using namespace render;
using test::Batch;
using test::RenderSide;

class GraphTest : public testing::Test {
 protected:
  /// A constant source that plays `value` from the start.
  void constant(NodeId id, float value) { batch.node(id, kConstantSource).setValue(id, 0, value, 0).start(id, 0); }

  Batch batch;
};

TEST_F(GraphTest, ANodeHearsTheSumOfWhatIsConnected) {
  RenderSide side;
  batch.node(1, kDestination).node(2, kGain).setValue(2, 0, 0.5f, 0);
  constant(3, 0.25f);
  constant(4, 0.5f);
  side.apply(batch.connect(3, 2).connect(4, 2).connect(2, 1));
  EXPECT_EQ(side.quantum()[0], 0.375f);
  side.apply(batch.add(4, Disconnect{0, 2, 0}));
  EXPECT_EQ(side.quantum()[0], 0.125f);
}

TEST_F(GraphTest, ConnectingTwiceIsConnectingOnce) {
  RenderSide side;
  batch.node(1, kDestination);
  constant(2, 0.25f);
  side.apply(batch.connect(2, 1).connect(2, 1));
  EXPECT_EQ(side.quantum()[0], 0.25f);
}

TEST_F(GraphTest, ACycleWithoutADelayIsSilentAndTheRestPlaysOn) {
  RenderSide side;
  batch.node(1, kDestination).node(2, kGain).node(3, kGain);
  constant(4, 0.5f);
  constant(5, 0.25f);
  side.apply(batch.connect(4, 2).connect(2, 3).connect(3, 2).connect(3, 1).connect(5, 1));
  EXPECT_EQ(side.quantum()[0], 0.25f);
  side.apply(batch.add(3, Disconnect{0, 2, 0}));
  EXPECT_EQ(side.quantum()[0], 0.75f) << "the cycle is open again";
}

TEST_F(GraphTest, ANodeConnectedToItselfIsSilent) {
  RenderSide side;
  batch.node(1, kDestination).node(2, kGain);
  constant(3, 0.5f);
  side.apply(batch.connect(3, 2).connect(2, 2).connect(2, 1));
  EXPECT_EQ(side.quantum()[0], 0);
}

TEST_F(GraphTest, ASignalConnectedToAParamIsAddedToItsValue) {
  RenderSide side;
  batch.node(1, kDestination).node(2, kGain).setValue(2, 0, 0.5f, 0);
  constant(3, 1);
  constant(4, 0.25f);
  side.apply(batch.connect(3, 2).add(4, ConnectParam{0, 2, 0}).connect(2, 1));
  EXPECT_EQ(side.quantum()[0], 0.75f);
  side.apply(batch.add(4, DisconnectParam{0, 2, 0}));
  EXPECT_EQ(side.quantum()[0], 0.5f);
}

TEST_F(GraphTest, AValueThatWasSetStaysWhenItsEventIsCancelled) {
  RenderSide side;
  batch.node(1, kDestination).node(2, kGain);
  constant(3, 1);
  batch.connect(3, 2).connect(2, 1).add(2, SetParamValue{0, 0.25f}).setValue(2, 0, 0.25f, 0).add(2, ParamCancel{0, 0, 0});
  side.apply(batch);
  EXPECT_EQ(side.quantum()[0], 0.25f);
}

TEST_F(GraphTest, NotANumberInAParamIsItsDefault) {
  RenderSide side;
  batch.node(1, kDestination).node(2, kGain);
  constant(3, 1);
  constant(4, std::numeric_limits<float>::max());
  constant(5, std::numeric_limits<float>::lowest());
  batch.node(6, kGain).setValue(6, 0, std::numeric_limits<float>::max(), 0).node(7, kGain).setValue(7, 0, std::numeric_limits<float>::max(), 0);
  batch.connect(4, 6).connect(5, 7).add(6, ConnectParam{0, 2, 0}).add(7, ConnectParam{0, 2, 0});   // +∞ − ∞
  side.apply(batch.connect(3, 2).connect(2, 1));
  EXPECT_EQ(side.quantum()[0], 1.0f);
}

TEST_F(GraphTest, ChannelRulesDecideHowAnInputIsMixed) {
  RenderSide side;
  batch.node(1, kDestination);
  constant(2, 0.5f);
  side.apply(batch.connect(2, 1));
  EXPECT_EQ(side.quantum()[1], 0.5f) << "speakers: mono goes to both";
  side.apply(batch.add(1, SetChannelRules{{2, ChannelCountMode::explicitCount, ChannelInterpretation::discrete}}));
  EXPECT_EQ(side.quantum()[0], 0.5f);
  EXPECT_EQ(side.quantum()[1], 0) << "discrete: mono stays on the first";
}

TEST_F(GraphTest, TimeBeginsAtTheFirstFrame) {
  constexpr std::uint64_t kFirst = 1'000'003;
  constexpr double kHere = kFirst / double{RenderSide::kRate};
  RenderSide side(2, nullptr, nullptr, kFirst);
  batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).setValue(2, 0, 0.25f, 0).setValue(2, 0, 0.5f, kHere + 20 / double{RenderSide::kRate});
  side.apply(batch.start(2, kHere + 10 / double{RenderSide::kRate}));
  const std::vector<float> out = side.quantum();
  EXPECT_EQ(out[2 * 9], 0);
  EXPECT_EQ(out[2 * 10], 0.25f);
  EXPECT_EQ(out[2 * 19], 0.25f);
  EXPECT_EQ(out[2 * 20], 0.5f);
  EXPECT_EQ(std::get<StateChanged>(side.notices.at(0).body).frame, kFirst);
}

TEST_F(GraphTest, ASourceSaysInWhichQuantumItSoundedFirst) {
  RenderSide side;
  side.apply(batch.node(1, kDestination).node(2, kConstantSource).start(2, 200 / double{RenderSide::kRate}));
  side.quantum();
  EXPECT_TRUE(side.targets<Started>().empty());
  for (int i = 0; i < 3; ++i) side.quantum();
  ASSERT_EQ(side.targets<Started>(), std::vector<std::uint32_t>{2});
  EXPECT_EQ(std::get<Started>(side.notices.back().body).frame, RenderSide::kQuantum);
}

TEST_F(GraphTest, ASourceThatHasEndedElsewhereStaysSilentAndSaysNothing) {
  RenderSide side;
  batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0).add(2, ResumePlaying{1, {}});
  side.apply(batch);
  EXPECT_EQ(side.quantum()[0], 0);
  side.apply(batch.start(2, 0, 1));
  EXPECT_EQ(side.quantum()[0], 0);
  side.apply(batch.add(2, Disconnect{0, 1, 0}).add(2, ReleaseNode{}));
  EXPECT_EQ(side.nodes(), 1u) << "it is not waited for";
  EXPECT_TRUE(side.targets<Started>().empty());
  EXPECT_TRUE(side.targets<Ended>().empty());
}

TEST_F(GraphTest, AnImpossiblePastIsRefused) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Past& past : {Past{0, {1}, {}}, Past{0, {-1}, {1}}, Past{0, {1}, {nan}}, Past{0, {1e20}, {1}}, Past{0, std::vector<double>(65, 1), std::vector<double>(65, 1)}}) {
    RenderSide side;
    batch.node(1, kDestination).node(2, kAudioBufferSource).start(2, 0).add(2, ResumePlaying{0, past});
    EXPECT_THROW(side.apply(batch), RecordError);
  }
}

TEST_F(GraphTest, ASourceThatEndedSaysSoOnceAndFallsSilent) {
  RenderSide side;
  batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0, 200.0 / RenderSide::kRate);
  side.apply(batch);
  side.quantum();
  EXPECT_TRUE(side.targets<Ended>().empty());
  const std::vector<float> last = side.quantum();
  EXPECT_EQ(last[2 * 71], 1.0f);
  EXPECT_EQ(last[2 * 72], 0.0f);
  for (int i = 0; i < 5; ++i) side.quantum();
  EXPECT_EQ(side.targets<Ended>(), std::vector<std::uint32_t>{2});
}

TEST_F(GraphTest, AReleasedNodeLivesAsLongAsItCanBeHeard) {
  RenderSide side;
  batch.node(1, kDestination).node(2, kConstantSource).node(3, kGain).connect(2, 3).connect(3, 1).start(2, 0, 300.0 / RenderSide::kRate);
  side.apply(batch.add(3, ReleaseNode{}).add(2, ReleaseNode{}));
  EXPECT_EQ(side.nodes(), 3u);
  EXPECT_EQ(side.quantum()[0], 1.0f);
  for (int i = 0; i < 4; ++i) side.quantum();
  side.compiler().lookForTails();
  side.settle();
  EXPECT_EQ(side.nodes(), 1u) << "the source has ended, nothing sounds, and nobody can reach either node";
}

TEST_F(GraphTest, AReleasedRingOfNodesIsCollected) {
  RenderSide side;
  batch.node(1, kDestination).node(2, kGain).node(3, kGain).connect(2, 3).connect(3, 2).connect(3, 1);
  side.apply(batch.add(2, ReleaseNode{}).add(3, ReleaseNode{}));
  EXPECT_EQ(side.nodes(), 1u);
}

TEST_F(GraphTest, AReleasedStreamDestinationGoesWithWhatItHears) {
  RenderSide side;
  batch.node(1, kDestination).node(2, kConstantSource).node(3, kMediaStreamAudioDestination).connect(2, 3).start(2, 0, 300.0 / RenderSide::kRate);
  side.apply(batch);
  side.quantum();
  side.apply(batch.add(3, ReleaseNode{}).add(2, ReleaseNode{}));
  EXPECT_EQ(side.nodes(), 3u) << "what it hears may still be read";
  for (int i = 0; i < 4; ++i) side.quantum();
  side.compiler().lookForTails();
  side.settle();
  EXPECT_EQ(side.nodes(), 1u);
}

TEST_F(GraphTest, APlanWithSharedBlocksGivesWhatArithmeticGives) {
  const auto seed = static_cast<std::uint32_t>(test::seed());
  std::mt19937 random(seed);
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    RenderSide side(1);
    Batch edits;
    edits.node(1, kDestination);
    const std::uint32_t count = 2 + random() % 60;
    std::vector<double> value(count + 2, 0);   // what each node's output is, by id
    const auto some = [&](std::uint32_t below) {   // ids of earlier nodes, each once
      std::vector<NodeId> ids;
      for (NodeId id = 2; id < below; ++id)
        if (random() % 8 == 0) ids.push_back(id);
      return ids;
    };
    for (NodeId id = 2; id < count + 2; ++id) {
      if (id == 2 || random() % 3 == 0) {
        value[id] = static_cast<double>(random() % 64) / 64;
        edits.node(id, kConstantSource).setValue(id, 0, static_cast<float>(value[id]), 0).start(id, 0);
        continue;
      }
      edits.node(id, kGain).setValue(id, 0, 0.25f, 0);
      double sum = 0, gain = 0.25;
      for (const NodeId from : some(id)) {
        edits.connect(from, id);
        sum += value[from];
      }
      if (random() % 2 == 0) {
        for (const NodeId from : some(id)) {
          edits.add(from, ConnectParam{0, id, 0});
          gain += value[from];
        }
      }
      value[id] = sum * gain;
      if (std::abs(value[id]) > 1e3) value[id] = std::numeric_limits<double>::quiet_NaN();
    }
    double expected = 0;
    for (const NodeId from : some(count + 2)) {
      edits.connect(from, 1);
      expected += value[from];
    }
    side.apply(edits);
    side.quantum();
    if (std::isnan(expected)) continue;
    EXPECT_NEAR(side.quantum()[5], expected, 1e-4 * std::max(1.0, std::abs(expected)));
  }
}

}  // namespace
}  // namespace backline
