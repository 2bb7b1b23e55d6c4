#include <gtest/gtest.h>

#include "render/nodes/list.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using render::Activity;

constexpr float kRate = 32768;
enum FieldPlace { kBuffer, kLoop, kLoopStart, kLoopEnd };

std::size_t quantaUntilFinished(NodeHarness& node) {
  for (std::size_t quanta = 1; quanta < 1000; ++quanta) {
    if (node.step() == Activity::finished) return quanta;
  }
  return 0;
}

TEST(AudioBufferSourceEnded, FinishesInTheQuantumOfItsLastFrame) {
  for (const std::size_t length : {1u, 127u, 128u, 129u, 256u, 300u}) {
    const auto buffer = MemoryBuffer::ramp(length, kRate);
    NodeHarness node(render::kAudioBufferSource, kRate);
    node.field(kBuffer, &buffer).start(0);
    EXPECT_EQ(quantaUntilFinished(node), (length + 127) / 128) << length << " frames";
  }
}

TEST(AudioBufferSourceEnded, FinishesWithItsDuration) {
  const auto buffer = MemoryBuffer::ramp(10000, kRate);
  NodeHarness node(render::kAudioBufferSource, kRate);
  node.field(kBuffer, &buffer).start(0, 0, 256 / kRate);
  EXPECT_EQ(quantaUntilFinished(node), 2u);
  NodeHarness none(render::kAudioBufferSource, kRate);
  none.field(kBuffer, &buffer).start(0, 0, 0);
  EXPECT_EQ(quantaUntilFinished(none), 1u);
  EXPECT_EQ(none.output().data[0], 0);
}

TEST(AudioBufferSourceEnded, FinishesWithItsStopThoughItLoops) {
  const auto buffer = MemoryBuffer::ramp(10, kRate);
  NodeHarness node(render::kAudioBufferSource, kRate);
  node.field(kBuffer, &buffer).field(kLoop, 1).start(0).stop(300.1);
  const auto out = node.play(384);
  EXPECT_NE(out[300], 0);
  EXPECT_EQ(out[301], 0);
  EXPECT_TRUE(node.finished());
}

TEST(AudioBufferSourceEnded, WithoutABufferItWaitsInSilence) {
  NodeHarness node(render::kAudioBufferSource, kRate);
  node.start(0);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(node.step(), Activity::idle);
  const auto buffer = MemoryBuffer::ramp(1000, kRate);
  node.field(kBuffer, &buffer);
  EXPECT_EQ(node.step(), Activity::active);
  EXPECT_EQ(node.output().data[0], 1) << "a buffer set after the start is played from its beginning";
}

TEST(AudioBufferSourceEnded, WithoutABufferAStopStillEndsIt) {
  NodeHarness node(render::kAudioBufferSource, kRate);
  node.start(0).stop(200);
  EXPECT_EQ(quantaUntilFinished(node), 2u);
}

TEST(AudioBufferSourceEnded, ABufferTakenAwayEndsIt) {
  const auto buffer = MemoryBuffer::ramp(1000, kRate);
  NodeHarness node(render::kAudioBufferSource, kRate);
  node.field(kBuffer, &buffer).start(0);
  node.step();
  node.field(kBuffer, nullptr);
  EXPECT_EQ(node.step(), Activity::finished);
  EXPECT_EQ(node.output().channels, 1);
  EXPECT_TRUE(node.output().silent);
}

TEST(AudioBufferSourceEnded, NeverStartedItIsIdle) {
  const auto buffer = MemoryBuffer::ramp(1000, kRate);
  NodeHarness node(render::kAudioBufferSource, kRate);
  node.field(kBuffer, &buffer);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(node.step(), Activity::idle);
}

TEST(AudioBufferSourceEnded, AStopBeforeTheStartEndsItWithoutASound) {
  const auto buffer = MemoryBuffer::ramp(1000, kRate);
  NodeHarness node(render::kAudioBufferSource, kRate);
  node.field(kBuffer, &buffer).start(500).stop(300);
  EXPECT_EQ(quantaUntilFinished(node), 3u);
  EXPECT_TRUE(node.output().silent);
}

TEST(AudioBufferSourceEnded, ReservesTheChannelsOfItsBuffer) {
  MemoryBuffer buffer({{1}, {2}, {3}}, kRate);
  std::vector<render::Field> fields(4);
  EXPECT_EQ(render::kAudioBufferSource.outputChannels({0, {}, fields}), 1u);
  fields[kBuffer].resource = &buffer;
  EXPECT_EQ(render::kAudioBufferSource.outputChannels({0, {}, fields}), 3u);
}

}  // namespace
}  // namespace backline::test
