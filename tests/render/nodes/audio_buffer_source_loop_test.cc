#include <gtest/gtest.h>

#include <cmath>

#include "render/nodes/list.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using render::Activity;

constexpr float kRate = 32768;
enum Param { kPlaybackRate, kDetune };
enum FieldPlace { kBuffer, kLoop, kLoopStart, kLoopEnd };

struct LoopPoints {
  double start = 0, end = 0;  // frames of the buffer
};

NodeHarness looped(const MemoryBuffer& buffer, LoopPoints points, float playbackRate = 1, std::uint32_t quantum = 128) {
  NodeHarness node(render::kAudioBufferSource, kRate, quantum);
  node.field(kBuffer, &buffer).field(kLoop, 1).param(kPlaybackRate, playbackRate);
  node.field(kLoopStart, points.start / buffer.sampleRate()).field(kLoopEnd, points.end / buffer.sampleRate());
  return node;
}

TEST(AudioBufferSourceLoop, WithoutPointsTheWholeBufferRepeats) {
  const auto buffer = MemoryBuffer::ramp(100, kRate);
  for (const auto quantum : kQuanta) {
    NodeHarness node = looped(buffer, {}, 1, quantum);
    node.start(10);
    const auto out = node.play(1000);
    for (std::size_t i = 10; i < 1000; ++i) ASSERT_EQ(out[i], 1 + static_cast<float>((i - 10) % 100)) << "frame " << i;
  }
}

TEST(AudioBufferSourceLoop, OneSampleCanBeLooped) {
  const auto buffer = MemoryBuffer::ramp(1, kRate);
  NodeHarness node = looped(buffer, {});
  node.start(0);
  for (const float sample : node.play(1000)) ASSERT_EQ(sample, 1);
}

TEST(AudioBufferSourceLoop, PlaysUpToTheLoopAndStaysInIt) {
  const auto buffer = MemoryBuffer::ramp(1000, kRate, 0);
  NodeHarness node = looped(buffer, {100, 150});
  node.start(0);
  const auto out = node.play(1000);
  for (std::size_t i = 0; i < 1000; ++i) ASSERT_EQ(out[i], i < 100 ? i : 100 + (i - 100) % 50) << "frame " << i;
}

TEST(AudioBufferSourceLoop, ADurationEndsIt) {
  std::vector<float> samples(2048);
  std::fill(samples.begin() + 1024, samples.end(), 1.0f);
  const MemoryBuffer buffer({samples}, kRate);
  NodeHarness node = looped(buffer, {1024, 2048});
  node.start(0, 1024 / kRate, 2048 / kRate);
  const auto out = node.play(4096);
  for (std::size_t i = 0; i < 4096; ++i) ASSERT_EQ(out[i], i < 2048 ? 1 : 0) << "frame " << i;
  EXPECT_TRUE(node.finished());
}

TEST(AudioBufferSourceLoop, AtHalfSpeedTheLastFrameLeansTowardsTheLoopsStart) {
  const auto buffer = MemoryBuffer::ramp(10, kRate);
  NodeHarness node = looped(buffer, {4, 8}, 0.5f);
  node.start(0);
  const auto out = node.play(40);
  // Samples 5 6 7 8 loop from frame 8 on; between 8 and 5 lies 6.5.
  const float cycle[] = {5, 5.5f, 6, 6.5f, 7, 7.5f, 8, 6.5f};
  for (std::size_t i = 8; i < 40; ++i) ASSERT_EQ(out[i], cycle[(i - 8) % 8]) << "frame " << i;
}

TEST(AudioBufferSourceLoop, FractionalPointsAreSplicedAsIfTheLoopWereWrittenOut) {
  const auto buffer = MemoryBuffer::ramp(20, kRate, 0);
  NodeHarness node = looped(buffer, {4.5, 9.25});
  node.start(0);
  const auto out = node.play(200);
  // On a ramp the loop's value at position p is p; at the splice, between the last sample and the one a frame later in the loop.
  double position = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    const double whole = std::floor(position), part = position - whole;
    const double following = whole + 1 >= 9.25 ? whole + 1 - 4.75 : whole + 1;
    ASSERT_NEAR(out[i], whole + (following - whole) * part, 1e-6) << "frame " << i;
    position += 1;
    if (position >= 9.25) position -= 4.75;
  }
}

TEST(AudioBufferSourceLoop, BackwardsItWrapsFromItsStartToItsEnd) {
  const auto buffer = MemoryBuffer::ramp(100, kRate, 0);
  NodeHarness node = looped(buffer, {10, 20}, -1);
  node.start(0, 50 / kRate);
  const auto out = node.play(200);
  for (std::size_t i = 0; i <= 40; ++i) ASSERT_EQ(out[i], 50 - static_cast<float>(i)) << "frame " << i;
  for (std::size_t i = 41; i < 200; ++i) ASSERT_EQ(out[i], 19 - static_cast<float>((i - 41) % 10)) << "frame " << i;
}

TEST(AudioBufferSourceLoop, AnOffsetBehindTheLoopBeginsAtItsEnd) {
  const auto buffer = MemoryBuffer::ramp(100, kRate, 0);
  NodeHarness node = looped(buffer, {10, 20});
  node.start(0, 50 / kRate);
  const auto out = node.play(128);
  for (std::size_t i = 0; i < 128; ++i) ASSERT_EQ(out[i], 10 + static_cast<float>(i % 10)) << "frame " << i;
}

TEST(AudioBufferSourceLoop, BackwardsAnOffsetBeforeTheLoopBeginsAtItsStart) {
  const auto buffer = MemoryBuffer::ramp(100, kRate, 0);
  NodeHarness node = looped(buffer, {10, 20}, -1);
  node.start(0, 5 / kRate);
  const auto out = node.play(128);
  EXPECT_EQ(out[0], 10);
  for (std::size_t i = 1; i < 128; ++i) ASSERT_EQ(out[i], 19 - static_cast<float>((i - 1) % 10)) << "frame " << i;
}

TEST(AudioBufferSourceLoop, ImpossiblePointsMeanTheWholeBuffer) {
  const auto buffer = MemoryBuffer::ramp(100, kRate, 0);
  for (const LoopPoints points : {LoopPoints{50, 50}, LoopPoints{60, 40}, LoopPoints{-1, 50}, LoopPoints{0, -3}, LoopPoints{150, 200}}) {
    NodeHarness node = looped(buffer, points);
    node.start(0);
    const auto out = node.play(300);
    for (std::size_t i = 0; i < 300; ++i) {
      ASSERT_EQ(out[i], static_cast<float>(i % 100)) << "frame " << i << ", points " << points.start << " " << points.end;
    }
  }
}

TEST(AudioBufferSourceLoop, AnEndBeyondTheBufferIsItsEnd) {
  const auto buffer = MemoryBuffer::ramp(100, kRate, 0);
  NodeHarness node = looped(buffer, {90, 1000});
  node.start(0);
  const auto out = node.play(256);
  for (std::size_t i = 90; i < 256; ++i) ASSERT_EQ(out[i], 90 + static_cast<float>((i - 90) % 10)) << "frame " << i;
}

TEST(AudioBufferSourceLoop, PointsMovedWhilePlayingCountFromTheNextQuantum) {
  const auto buffer = MemoryBuffer::ramp(1000, kRate, 0);
  NodeHarness node = looped(buffer, {100, 200});
  node.start(0);
  node.play(128);
  node.field(kLoopEnd, 120 / kRate);
  const auto out = node.play(128);
  for (std::size_t i = 0; i < 128; ++i) ASSERT_EQ(out[i], 100 + static_cast<float>((28 + i) % 20)) << "frame " << i;
}

TEST(AudioBufferSourceLoop, SwitchedOffItPlaysToTheEndOfTheBuffer) {
  const auto buffer = MemoryBuffer::ramp(300, kRate, 0);
  NodeHarness node = looped(buffer, {0, 50});
  node.start(0);
  node.play(128);  // at 28 of the loop
  node.field(kLoop, 0.0);
  const auto out = node.play(300);
  for (std::size_t i = 0; i < 272; ++i) ASSERT_EQ(out[i], 28 + static_cast<float>(i)) << "frame " << i;
  EXPECT_EQ(out[272], 0);
  EXPECT_TRUE(node.finished());
}

TEST(AudioBufferSourceLoop, AnyRateKeepsThePositionInTheLoop) {
  const auto buffer = MemoryBuffer::ramp(100, kRate);
  for (const float rate : {1e-30f, 1e6f, -1e6f, 3e38f, -3e38f, 1234.567f}) {
    NodeHarness node = looped(buffer, {10.5, 10.75}, rate);
    node.start(0, 10.5 / kRate);
    for (const float sample : node.play(4096)) {
      ASSERT_GE(sample, 10) << "rate " << rate;
      ASSERT_LE(sample, 13) << "rate " << rate;
    }
  }
}

}  // namespace
}  // namespace backline::test
