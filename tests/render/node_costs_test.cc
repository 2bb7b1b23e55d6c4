#include "render/node_costs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/render/render_side.h"
#include "tests/support/seed.h"

namespace backline::render {
namespace {

using test::Batch;
using test::RenderSide;

/// One round over nodes that cost what `cost` says.
void goRound(NodeCosts& costs, std::vector<float>& averages, const std::vector<float>& cost) {
  const transport::RealtimeScope realtime;
  const auto steps = static_cast<std::uint32_t>(cost.size());
  for (const std::uint64_t round = costs.rounds(); costs.rounds() == round;) {
    const std::uint32_t first = costs.next(steps);
    if (costs.rounds() != round) return;   // the next one has begun
    for (std::uint32_t i = first; i < std::min(steps, first + NodeCosts::kSteps); ++i) costs.measured(i + 1, cost[i], averages[i]);
  }
}

TEST(NodeCosts, OfThousandsTheCostliestAreTold) {
  const unsigned seed = test::seed();
  std::minstd_rand random(seed);
  std::vector<float> cost(10'000);
  for (std::size_t i = 0; i < cost.size(); ++i) cost[i] = static_cast<float>(i + 1) * 1e-6f;
  std::shuffle(cost.begin(), cost.end(), random);
  std::vector<float> averages(cost.size(), NodeCosts::kNever);
  NodeCosts costs(128, 48000);
  goRound(costs, averages, cost);
  ASSERT_EQ(costs.costliest().size(), NodeCosts::kMost) << "seed " << seed;
  EXPECT_EQ(costs.nodes(), 10'000u);
  for (std::size_t i = 0; i < NodeCosts::kMost; ++i) {
    EXPECT_EQ(costs.costliest()[i].seconds, static_cast<float>(10'000 - i) * 1e-6f) << "seed " << seed;
    EXPECT_EQ(cost[costs.costliest()[i].node - 1], costs.costliest()[i].seconds) << "seed " << seed;
  }
}

TEST(NodeCosts, AColdFirstCallIsToldAndForgotten) {
  NodeCosts costs(128, 48000);
  float average = NodeCosts::kNever;
  const auto quanta = [&](int count, float seconds) {
    const transport::RealtimeScope realtime;
    for (int i = 0; i < count; ++i)
      if (costs.next(1) == 0) costs.measured(1, seconds, average);
  };
  quanta(1, 1e-3f);     // the first round, measured in its first quantum
  quanta(256, 1e-6f);   // its rest, and the beginning of the next
  ASSERT_EQ(costs.costliest().size(), 1u);
  EXPECT_EQ(costs.costliest()[0].seconds, 1e-3f);
  quanta(256, 1e-6f);
  ASSERT_EQ(costs.costliest().size(), 1u);
  EXPECT_EQ(costs.costliest()[0].seconds, 1e-6f);
}

TEST(NodeCosts, ANodeIsMeasuredOnceIn256Quanta) {
  NodeCosts costs(128, 48000);
  int measured = 0;
  for (int i = 0; i < 1024; ++i) measured += costs.next(5) == 0;
  EXPECT_EQ(measured, 4);
  EXPECT_EQ(costs.rounds(), 3u);
}

TEST(NodeCosts, LongQuantaAreMeasuredOnceASecond) {
  NodeCosts costs(4096, 48000);
  for (int i = 0; i < 4 * 48000 / 4096; ++i) costs.next(5);
  EXPECT_NEAR(static_cast<double>(costs.rounds()), 4, 1);
}

TEST(NodeCosts, AnEmptyRoundTellsNothing) {
  std::vector<float> averages(3, NodeCosts::kNever);
  NodeCosts costs(128, 48000);
  goRound(costs, averages, {1, 2, 3});
  EXPECT_EQ(costs.costliest().size(), 3u);
  goRound(costs, averages, {});
  goRound(costs, averages, {});
  EXPECT_EQ(costs.costliest().size(), 0u);
  EXPECT_EQ(costs.nodes(), 0u);
}

TEST(NodeCosts, AnExecutorNamesTheNodeThatCosts) {
  RenderSide side;
  Batch batch;
  batch.node(1, kDestination).node(2, kGain).connect(2, 1);
  // Twenty inputs summed before the gain: dearer than nearly all of what it sums, whatever else the machine does meanwhile.
  for (NodeId id = 10; id < 30; ++id) batch.node(id, kConstantSource).connect(id, 2).start(id, 0);
  side.apply(batch);
  for (int i = 0; i < 600; ++i) side.quantum();
  const NodeCosts& costs = side.costs();
  EXPECT_GE(costs.rounds(), 2u);
  EXPECT_EQ(costs.nodes(), 22u);
  const std::span<const NodeCosts::Entry> entries = costs.costliest();
  ASSERT_EQ(entries.size(), 22u);
  const auto gain = std::find_if(entries.begin(), entries.end(), [](const auto& entry) { return entry.node == 2; });
  EXPECT_LT(gain - entries.begin(), 11);
  for (std::size_t i = 1; i < entries.size(); ++i) EXPECT_LE(entries[i].seconds, entries[i - 1].seconds);
  EXPECT_GT(entries.back().seconds, 0);
}

}  // namespace
}  // namespace backline::render
