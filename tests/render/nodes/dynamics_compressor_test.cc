#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "render/nodes/list.h"
#include "render/streams.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using render::Activity;

double decibels(double linear) { return 20 * std::log10(std::abs(linear)); }

float tone(double frame) { return static_cast<float>(0.8 * std::sin(2 * std::numbers::pi * frame / 100)); }

// Only the first `length` frames are given to the node.
void playFor(NodeHarness& node, std::uint64_t length, std::uint32_t channels = 1) {
  node.input(channels, [](std::uint32_t, double frame) { return tone(frame); });
  while (node.frame() < length) node.step();
  node.input(0, {});
}

TEST(DynamicsCompressor, DelaysByWholeFramesOfSixMilliseconds) {
  constexpr std::pair<float, std::uint32_t> kDelays[] = {{48000, 288}, {44100, 264}, {8000, 48}, {96000, 576}, {3000, 18}};
  for (const auto& [rate, delay] : kDelays) {
    for (const auto quantum : kQuanta) {
      NodeHarness node(render::kDynamicsCompressor, rate, quantum);
      node.input(1, [](std::uint32_t, double frame) { return frame == 5 ? 0.01f : 0.0f; });
      const auto out = node.play(delay + 200);
      for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i] != 0, i == delay + 5) << "frame " << i << " at " << rate << " Hz, quantum " << quantum;
    }
  }
}

TEST(DynamicsCompressor, GivesTheSameSamplesAtEveryQuantum) {
  NodeHarness reference(render::kDynamicsCompressor, 48000, 128);
  reference.input(2, [](std::uint32_t channel, double frame) { return tone(frame + channel) * static_cast<float>(std::fmod(frame, 5000) / 5000); });
  const auto wanted = reference.play(20000, 1);
  for (const auto quantum : kQuanta) {
    NodeHarness node(render::kDynamicsCompressor, 48000, quantum);
    node.input(2, [](std::uint32_t channel, double frame) { return tone(frame + channel) * static_cast<float>(std::fmod(frame, 5000) / 5000); });
    EXPECT_EQ(node.play(20000, 1), wanted) << "quantum " << quantum;
  }
}

TEST(DynamicsCompressor, BothChannelsGetTheGainOfTheLouder) {
  NodeHarness both(render::kDynamicsCompressor, 48000), alone(render::kDynamicsCompressor, 48000);
  both.input(2, [](std::uint32_t channel, double frame) { return channel == 0 ? tone(frame) : 0.01f; });
  alone.input(1, [](std::uint32_t, double frame) { return tone(frame); });
  const auto loud = alone.play(9600);
  for (std::size_t q = 0; q < 9600 / 128; ++q) {
    both.step();
    for (std::size_t i = 0; i < 128; ++i) {
      const std::size_t frame = q * 128 + i;
      ASSERT_EQ(both.output().channel(0)[i], loud[frame]) << "frame " << frame;
      const float in = frame >= 288 ? tone(static_cast<double>(frame - 288)) : 0.0f;
      if (std::abs(in) < 0.1f) continue;
      ASSERT_NEAR(both.output().channel(1)[i] / 0.01f, loud[frame] / in, 1e-4f) << "frame " << frame;
    }
  }
}

TEST(DynamicsCompressor, ASteadyToneComesOutAtTheCurve) {
  // Hard knee, 4:1 above −20 dB: 0 dB in, −15 dB out, made up by 9 dB.
  NodeHarness node(render::kDynamicsCompressor, 48000);
  node.param(0, -20).param(1, 0).param(2, 4).input(1, [](std::uint32_t, double) { return 1.0f; });
  EXPECT_NEAR(decibels(node.play(96000).back()), -6, 0.1);
}

TEST(DynamicsCompressor, FollowsItsParameters) {
  NodeHarness node(render::kDynamicsCompressor, 48000);
  node.param(0, -20).param(1, 0).param(2, 4).input(1, [](std::uint32_t, double) { return 1.0f; });
  node.play(96000);
  node.param(2, 20);
  EXPECT_NEAR(decibels(node.play(96000).back()), -19 + 0.6 * 19, 0.1);
}

TEST(DynamicsCompressor, SilenceStaysSilenceAndCostsNothingInTheEnd) {
  NodeHarness node(render::kDynamicsCompressor, 48000);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(node.step(), Activity::idle);
}

TEST(DynamicsCompressor, SoundsUntilItsLookAheadIsEmpty) {
  for (const auto quantum : kQuanta) {
    NodeHarness node(render::kDynamicsCompressor, 48000, quantum);
    const std::uint64_t end = 10 * quantum;
    playFor(node, end, 2);
    std::uint64_t last = 0;
    while (true) {
      const std::uint64_t begin = node.frame();
      if (node.step() == Activity::idle) break;
      ASSERT_EQ(node.output().channels, 2);
      for (std::uint32_t i = 0; i < quantum; ++i)
        if (node.output().channel(1)[i] != 0) last = begin + i;
    }
    // tone() is zero at frames that are multiples of 50.
    EXPECT_EQ(last, end + 288 - 1 - ((end - 1) % 50 == 0 ? 1 : 0)) << "quantum " << quantum;
    EXPECT_LT(node.frame() - quantum, end + 288 + quantum) << "active after its tail, quantum " << quantum;
  }
}

TEST(DynamicsCompressor, StaysStereoWhileStereoIsInTheLookAhead) {
  NodeHarness node(render::kDynamicsCompressor, 48000);
  node.input(2, [](std::uint32_t channel, double) { return channel == 0 ? 0.01f : 0.02f; });
  node.step();
  EXPECT_EQ(node.output().channels, 2);
  node.input(1, [](std::uint32_t, double) { return 0.03f; });
  const auto out = node.play(384, 1);
  EXPECT_NE(out[383 - 128], 0);
  EXPECT_EQ(node.output().channels, 2);
  node.step();
  EXPECT_EQ(node.output().channels, 1);
}

TEST(DynamicsCompressor, PublishesItsReductionEveryQuantum) {
  auto page = transport::createPage<render::MeterStatus>("meter");
  const transport::PageReader<render::MeterStatus> reader(transport::SharedMemory::map(page.fd().duplicate()));
  render::Meter meter(std::move(page));
  NodeHarness node(render::kDynamicsCompressor, 48000);
  node.field(0, &meter).param(0, -20).param(1, 0).param(2, 4).input(1, [](std::uint32_t, double) { return 1.0f; });
  render::MeterStatus status;
  EXPECT_FALSE(reader.read(status));
  node.play(96000);
  ASSERT_TRUE(reader.read(status));
  EXPECT_EQ(status.frame, node.frame() - 128);
  EXPECT_EQ(reader.version(), 96000 / 128);
  EXPECT_NEAR(status.reduction, -15, 0.1) << "dB";
  node.input(0, {});
  node.play(96000);
  ASSERT_TRUE(reader.read(status));
  EXPECT_EQ(status.reduction, 0) << "dB, fed no signal";
  const auto version = reader.version();
  node.step();
  EXPECT_EQ(reader.version(), version) << "still at work";
}

TEST(DynamicsCompressor, SurvivesBadSamples) {
  NodeHarness node(render::kDynamicsCompressor, 48000);
  node.input(2, [](std::uint32_t channel, double frame) {
    if (frame == 100) return std::numeric_limits<float>::quiet_NaN();
    if (frame == 200 && channel == 1) return std::numeric_limits<float>::infinity();
    return frame < 300 ? 1e-40f : tone(frame);
  });
  const auto out = node.play(48000);
  for (std::size_t i = 600; i < out.size(); ++i) ASSERT_TRUE(std::isfinite(out[i])) << "frame " << i;
  EXPECT_GT(*std::max_element(out.end() - 100, out.end()), 0.1f);
}

}  // namespace
}  // namespace backline::test
