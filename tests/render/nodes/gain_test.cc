#include <gtest/gtest.h>

#include "render/nodes/list.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using render::Activity;

float saw(std::uint32_t channel, double frame) { return static_cast<float>(frame / 100 + channel); }

TEST(Gain, ScalesEveryChannelByAConstant) {
  for (const auto quantum : kQuanta) {
    NodeHarness node(render::kGain, 48000, quantum);
    node.param(0, 0.3f).input(3, saw);
    ASSERT_EQ(node.step(), Activity::active);
    ASSERT_EQ(node.output().channels, 3);
    for (std::uint32_t c = 0; c < 3; ++c) {
      for (std::uint32_t i = 0; i < quantum; ++i) ASSERT_EQ(node.output().channel(c)[i], saw(c, i) * 0.3f);
    }
  }
}

TEST(Gain, FollowsItsParameterSampleBySample) {
  for (const auto quantum : kQuanta) {
    NodeHarness node(render::kGain, 48000, quantum);
    node.param(0, [](double frame) { return static_cast<float>(1 / (frame + 1)); }).input(2, saw);
    const auto out = node.play(1000, 1);
    for (std::size_t i = 0; i < 1000; ++i) {
      const auto frame = static_cast<double>(i);
      ASSERT_EQ(out[i], saw(1, frame) * static_cast<float>(1 / (frame + 1))) << "frame " << i << ", quantum " << quantum;
    }
  }
}

TEST(Gain, IsIdleWithoutAnActiveInput) {
  NodeHarness node(render::kGain, 48000);
  EXPECT_EQ(node.step(), Activity::idle);
}

TEST(Gain, ASilentInputStaysSilentWithItsChannels) {
  NodeHarness node(render::kGain, 48000);
  std::vector<float> zeros(2 * 128);
  render::Block in{.data = zeros.data(), .frames = 128, .capacity = 2, .channels = 2, .silent = true, .active = true};
  std::vector<float> samples(2 * 128, 9);
  render::Block out{.data = samples.data(), .frames = 128, .capacity = 2};
  const render::Block* inputs[] = {&in};
  const float gain = 2;
  const render::ParamBlock params[] = {{&gain, true}};
  const render::Quantum quantum{.frame = 0, .frames = 128, .sampleRate = 48000};
  const auto renderer = render::kGain.create({48000, 128});
  EXPECT_EQ(renderer->process({quantum, inputs, {&out, 1}, params, {}, {}}), Activity::active);
  EXPECT_TRUE(out.silent);
  EXPECT_EQ(out.channels, 2);
  EXPECT_EQ(samples, zeros);
}

TEST(Destination, PassesItsMixedInputOn) {
  for (const auto quantum : kQuanta) {
    NodeHarness node(render::kDestination, 48000, quantum);
    node.input(2, saw);
    const auto out = node.play(500, 1);
    for (std::size_t i = 0; i < 500; ++i) ASSERT_EQ(out[i], saw(1, static_cast<double>(i)));
    EXPECT_FALSE(node.output().silent);
  }
}

TEST(Destination, IsSilentWithoutInput) {
  NodeHarness node(render::kDestination, 48000);
  EXPECT_EQ(node.step(), Activity::active);
  EXPECT_TRUE(node.output().silent);
  EXPECT_EQ(node.output().data[0], 0);
}

}  // namespace
}  // namespace backline::test
