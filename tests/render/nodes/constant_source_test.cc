#include <gtest/gtest.h>

#include "render/nodes/list.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using render::Activity;

constexpr float kRate = 32768;

TEST(ConstantSource, SoundsFromItsStartUpToItsStop) {
  for (const auto quantum : kQuanta) {
    NodeHarness node(render::kConstantSource, kRate, quantum);
    node.param(0, 0.5f).start(100.25).stop(300.5);
    const auto out = node.play(600);
    for (std::size_t i = 0; i < 600; ++i) ASSERT_EQ(out[i], i >= 101 && i < 301 ? 0.5f : 0) << "frame " << i << ", quantum " << quantum;
    EXPECT_TRUE(node.finished());
  }
}

TEST(ConstantSource, IsTheAutomationOfItsOffset) {
  for (const auto quantum : kQuanta) {
    NodeHarness node(render::kConstantSource, kRate, quantum);
    node.param(0, [](double frame) { return static_cast<float>(frame); }).start(10);
    const auto out = node.play(600);
    for (std::size_t i = 0; i < 600; ++i) ASSERT_EQ(out[i], i >= 10 ? static_cast<float>(i) : 0);
  }
}

TEST(ConstantSource, IsIdleUntilTheQuantumOfItsStart) {
  NodeHarness never(render::kConstantSource, kRate);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(never.step(), Activity::idle);
  NodeHarness later(render::kConstantSource, kRate);
  later.start(128);
  EXPECT_EQ(later.step(), Activity::idle);
  EXPECT_EQ(later.step(), Activity::active);
}

TEST(ConstantSource, FinishesInTheQuantumThatReachesItsStop) {
  for (const double stop : {129.0, 200.0, 256.0}) {
    NodeHarness node(render::kConstantSource, kRate);
    node.start(0).stop(stop);
    EXPECT_EQ(node.step(), Activity::active);
    EXPECT_EQ(node.step(), Activity::finished) << "stop at frame " << stop;
  }
}

TEST(ConstantSource, AStopBeforeTheStartEndsItWithoutASound) {
  NodeHarness node(render::kConstantSource, kRate);
  node.start(500).stop(200);
  EXPECT_EQ(node.step(), Activity::idle);
  EXPECT_EQ(node.step(), Activity::finished);
  EXPECT_TRUE(node.output().silent);
  NodeHarness same(render::kConstantSource, kRate);
  same.start(50).stop(50);
  EXPECT_EQ(same.step(), Activity::finished);
  EXPECT_TRUE(same.output().silent);
}

TEST(ConstantSource, TheStopMayStillBeMoved) {
  NodeHarness node(render::kConstantSource, kRate);
  node.start(0).stop(200);
  node.step();
  node.stop(400);
  EXPECT_EQ(node.step(), Activity::active);
  node.stop(10);
  EXPECT_EQ(node.step(), Activity::finished) << "a stop in the past is one now";
  EXPECT_EQ(node.output().data[0], 0);
}

TEST(ConstantSource, AStartInThePastMeansNow) {
  NodeHarness node(render::kConstantSource, kRate);
  node.skipTo(1280);
  node.start(0);
  EXPECT_EQ(node.step(), Activity::active);
  EXPECT_EQ(node.output().data[0], 1);
}

}  // namespace
}  // namespace backline::test
