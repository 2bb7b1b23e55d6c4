#include <gtest/gtest.h>

#include <cmath>

#include "render/nodes/list.h"
#include "render/streams.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using render::Activity;

float saw(std::uint32_t channel, double frame) { return static_cast<float>(frame / 100 + channel); }

/// A history and both its ends.
struct History {
  explicit History(std::uint32_t channels = 1)
      : memory(transport::createRingStream("test", {channels, 48000, 4096, transport::Overflow::dropOldest})),
        stream(transport::SharedMemory::map(memory.fd().duplicate()), {}),
        reader(transport::SharedMemory::map(memory.fd().duplicate())) {}

  std::vector<float> newest(std::uint32_t frames) {
    std::vector<float> samples(frames);
    reader.readNewest(samples.data(), frames);
    return samples;
  }
  std::uint64_t written() {
    float none;
    return reader.readNewest(&none, 0);
  }

  transport::SharedMemory memory;
  render::OutputStream stream;
  transport::RingReader reader;
};

TEST(Analyser, PassesItsInputThroughUnchanged) {
  for (const auto quantum : kQuanta) {
    History history;
    NodeHarness node(render::kAnalyser, 48000, quantum);
    node.field(0, &history.stream).input(3, saw);
    const auto out = node.play(700, 2);
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], saw(2, static_cast<double>(i))) << "frame " << i;
    EXPECT_EQ(node.output().channels, 3);
  }
}

TEST(Analyser, RemembersEveryFrameOfAMonoInput) {
  for (const auto quantum : kQuanta) {
    History history;
    NodeHarness node(render::kAnalyser, 48000, quantum);
    node.field(0, &history.stream).input(1, saw).play(1000);
    ASSERT_EQ(history.written(), node.frame());
    const auto newest = history.newest(900);
    for (std::size_t i = 0; i < 900; ++i) ASSERT_EQ(newest[i], saw(0, static_cast<double>(node.frame() - 900 + i))) << "frame " << i << ", quantum " << quantum;
  }
}

TEST(Analyser, MixesDownAsSpeakersDo) {
  const auto levelOf = [](std::uint32_t channels) {
    History history;
    NodeHarness node(render::kAnalyser, 48000);
    node.field(0, &history.stream).input(channels, [](std::uint32_t channel, double) { return static_cast<float>(1 << channel); }).step();
    return history.newest(1)[0];
  };
  EXPECT_EQ(levelOf(2), 0.5f * (1 + 2));
  EXPECT_EQ(levelOf(4), 0.25f * (1 + 2 + 4 + 8));
  EXPECT_NEAR(levelOf(6), std::sqrt(0.5f) * (1 + 2) + 4 + 0.5f * (16 + 32), 1e-5);
  EXPECT_EQ(levelOf(3), 1) << "no speakers' layout: the first channel";
}

TEST(Analyser, HearsSilenceWhileNothingIsActive) {
  History history;
  NodeHarness node(render::kAnalyser, 48000);
  node.field(0, &history.stream).input(1, saw);
  node.step();
  node.input(0, nullptr);
  EXPECT_EQ(node.step(), Activity::idle);
  EXPECT_EQ(history.written(), 256u);
  EXPECT_EQ(history.newest(128), std::vector<float>(128));
  EXPECT_EQ(history.newest(129)[0], saw(0, 127));
}

TEST(Analyser, PassesThroughWithoutAHistoryAndBesideOneOfAnotherShape) {
  NodeHarness without(render::kAnalyser, 48000);
  EXPECT_EQ(without.input(2, saw).step(), Activity::active);
  EXPECT_EQ(without.output().channel(1)[5], saw(1, 5));
  History stereo(2);
  NodeHarness beside(render::kAnalyser, 48000);
  EXPECT_EQ(beside.field(0, &stereo.stream).input(2, saw).step(), Activity::active);
  EXPECT_EQ(stereo.written(), 0u);
}

}  // namespace
}  // namespace backline::test
