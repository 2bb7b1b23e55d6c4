#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "render/nodes/list.h"
#include "tests/dsp/spectrum.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using render::Activity;

constexpr float kRate = 32768;
enum Param { kPlaybackRate, kDetune };
enum FieldPlace { kBuffer, kLoop, kLoopStart, kLoopEnd };

NodeHarness source(const MemoryBuffer& buffer, std::uint32_t quantum = 128, float rate = kRate) {
  NodeHarness node(render::kAudioBufferSource, rate, quantum);
  node.field(kBuffer, &buffer);
  return node;
}

TEST(AudioBufferSource, AtTheContextsRateTheSamplesAreCopiedExactly) {
  const auto buffer = MemoryBuffer::ramp(1000, kRate, 0.1f);
  for (const auto quantum : kQuanta) {
    NodeHarness node = source(buffer, quantum);
    node.start(77);
    const auto out = node.play(1200);
    for (std::size_t i = 0; i < 1200; ++i) {
      ASSERT_EQ(out[i], i >= 77 && i < 1077 ? buffer.channel(0)[i - 77] : 0) << "frame " << i << ", quantum " << quantum;
    }
    EXPECT_TRUE(node.finished());
  }
}

TEST(AudioBufferSource, AStartBetweenFramesIsInterpolated) {
  const auto buffer = MemoryBuffer::ramp(8192, kRate);
  for (const double start : {33.1, 33.9}) {
    NodeHarness node = source(buffer);
    node.start(start);
    const auto out = node.play(8000);
    for (std::size_t i = 0; i <= 33; ++i) ASSERT_EQ(out[i], 0);
    for (std::size_t i = 34; i < 8000; ++i) {
      ASSERT_EQ(out[i], static_cast<float>(static_cast<double>(i) - start + 1)) << "frame " << i << ", start " << start;
    }
  }
}

TEST(AudioBufferSource, TheLeadOfAStartBetweenFramesIsScaledByTheRate) {
  const auto buffer = MemoryBuffer::ramp(8192, kRate);
  for (const float rate : {0.25f, 4.0f}) {
    NodeHarness node = source(buffer);
    node.param(kPlaybackRate, rate).start(17.8);
    const auto out = node.play(64);
    EXPECT_EQ(out[17], 0);
    EXPECT_EQ(out[18], static_cast<float>(1 + 0.2 * rate));
  }
}

TEST(AudioBufferSource, AGrainSoundsForItsDurationBetweenFrames) {
  const MemoryBuffer buffer({std::vector<float>(128, 1.0f)}, kRate);
  const double grains[][2] = {{3.1, 37.2}, {5.8, 43.9}};
  for (const auto& [begin, end] : grains) {
    for (const auto quantum : kQuanta) {
      NodeHarness node = source(buffer, quantum);
      node.start(begin, 0, (end - begin) / kRate);
      const auto out = node.play(137);
      for (std::size_t i = 0; i < 137; ++i) {
        const auto frame = static_cast<double>(i);
        ASSERT_EQ(out[i], frame >= begin && frame < end ? 1 : 0) << "frame " << i << ", grain from " << begin;
      }
      EXPECT_TRUE(node.finished());
    }
  }
}

TEST(AudioBufferSource, OffsetIsASecondInTheBufferAndClampedToIt) {
  const auto buffer = MemoryBuffer::ramp(1000, kRate);
  NodeHarness within = source(buffer);
  within.start(0, 100.5 / kRate);
  EXPECT_EQ(within.play(128)[10], 111.5f);
  NodeHarness beyond = source(buffer);
  beyond.start(0, 5);
  EXPECT_EQ(beyond.step(), Activity::finished);
  EXPECT_EQ(beyond.output().data[0], 0);
}

TEST(AudioBufferSource, DurationCountsContentNotTime) {
  const auto buffer = MemoryBuffer::ramp(1000, kRate);
  NodeHarness node = source(buffer);
  node.param(kPlaybackRate, 2.0f).start(0, 0, 400 / kRate);
  const auto out = node.play(300);
  EXPECT_EQ(out[199], 399);
  EXPECT_EQ(out[200], 0);
}

TEST(AudioBufferSource, RateAndDetuneMultiply) {
  const auto buffer = MemoryBuffer::ramp(8000, kRate);
  NodeHarness node = source(buffer);
  node.param(kPlaybackRate, 1.5f).param(kDetune, -1200.0f).start(0);
  const auto out = node.play(2000);
  for (std::size_t i = 0; i < 2000; ++i) ASSERT_EQ(out[i], static_cast<float>(1 + 0.75 * static_cast<double>(i)));
}

TEST(AudioBufferSource, ABufferOfAnotherRateKeepsItsPitchAndLength) {
  const auto buffer = MemoryBuffer::ramp(4410, 44100);
  NodeHarness node = source(buffer, 128, 48000);
  node.start(0);
  const auto out = node.play(4900);
  double worst = 0;
  for (std::size_t i = 0; i < 4798; ++i) worst = std::max(worst, std::abs(out[i] - (1 + 0.91875 * static_cast<double>(i))));
  EXPECT_LT(worst, 3e-4) << "of " << 4410;
  EXPECT_NE(out[4799], 0);
  EXPECT_EQ(out[4800], 0);
}

TEST(AudioBufferSource, TheRateOfAQuantumIsItsFirstFrames) {
  const auto buffer = MemoryBuffer::ramp(8192, kRate, 0);
  NodeHarness node = source(buffer);
  node.start(0);
  node.play(4096);
  node.param(kPlaybackRate, 0.0f);
  for (const float sample : node.play(1024)) ASSERT_EQ(sample, 4096);
}

TEST(AudioBufferSource, ARateOfZeroHoldsTheFirstSampleWhereverItStarts) {
  const auto buffer = MemoryBuffer::ramp(100, kRate, 5);
  NodeHarness node = source(buffer);
  node.param(kPlaybackRate, 0.0f).start(27.3);
  const auto out = node.play(256);
  EXPECT_EQ(out[27], 0);
  for (std::size_t i = 28; i < 256; ++i) ASSERT_EQ(out[i], 5);
}

TEST(AudioBufferSource, ANegativeRatePlaysBackwards) {
  const auto buffer = MemoryBuffer::ramp(1000, kRate);
  NodeHarness node = source(buffer);
  node.param(kPlaybackRate, -1.0f).start(0, 500 / kRate);
  const auto out = node.play(640);
  for (std::size_t i = 0; i <= 500; ++i) ASSERT_EQ(out[i], 501 - static_cast<float>(i)) << "frame " << i;
  EXPECT_EQ(out[501], 0);
  EXPECT_TRUE(node.finished());
}

TEST(AudioBufferSource, BackwardsFromTheEndTheLastSampleComesSecond) {
  const auto buffer = MemoryBuffer::ramp(100, kRate);
  NodeHarness node = source(buffer);
  node.param(kPlaybackRate, -1.0f).start(0, 1);
  const auto out = node.play(128);
  EXPECT_EQ(out[0], 0);
  EXPECT_EQ(out[1], 100);
  EXPECT_EQ(out[100], 1);
  EXPECT_EQ(out[101], 0);
}

TEST(AudioBufferSource, EveryChannelOfTheBufferIsPlayed) {
  const MemoryBuffer buffer({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}, kRate);
  for (const float rate : {1.0f, 0.5f}) {
    NodeHarness node = source(buffer);
    node.param(kPlaybackRate, rate).start(1);
    node.step();
    ASSERT_EQ(node.output().channels, 3);
    for (std::uint32_t c = 0; c < 3; ++c) {
      EXPECT_EQ(node.output().channel(c)[0], 0);
      EXPECT_EQ(node.output().channel(c)[1], buffer.channel(c)[0]);
      EXPECT_EQ(node.output().channel(c)[2], rate == 1 ? buffer.channel(c)[1] : buffer.channel(c)[0] + 0.5f);
      EXPECT_EQ(node.output().channel(c)[127], 0);
    }
  }
}

TEST(AudioBufferSource, StitchedBuffersOfAnotherRateMakeOneSine) {
  // Thirty samples a buffer, each started where the last one ends, between frames.
  constexpr float kContext = 44100, kOwn = 43800;
  constexpr std::size_t kPiece = 30, kLength = 44100;
  const double omega = 2 * std::numbers::pi * 440;
  std::vector<double> sum(kLength + 256);
  for (std::size_t k = 0; k < kLength; k += kPiece) {
    std::vector<float> samples(kPiece);
    for (std::size_t i = 0; i < kPiece; ++i) samples[i] = static_cast<float>(std::sin(omega / kOwn * static_cast<double>(k + i)));
    const MemoryBuffer buffer({samples}, kOwn);
    NodeHarness node = source(buffer, 128, kContext);
    const double begin = static_cast<double>(k) / kOwn * kContext;
    node.start(begin);
    const auto first = static_cast<std::size_t>(begin) / 128 * 128;
    if (first + 256 > sum.size()) break;
    node.skipTo(first);
    const auto out = node.play(256);
    for (std::size_t i = 0; i < 256; ++i) sum[first + i] += out[i];
  }
  double noise = 0, signal = 0, worst = 0;
  for (std::size_t i = 0; i < kLength - 256; ++i) {
    const double expected = std::sin(omega / kContext * static_cast<double>(i));
    worst = std::max(worst, std::abs(sum[i] - expected));
    noise += (sum[i] - expected) * (sum[i] - expected);
    signal += expected * expected;
  }
  EXPECT_LT(worst, 3.8986e-3);
  EXPECT_GT(10 * std::log10(signal / noise), 65.737) << "dB signal to noise";
}

TEST(AudioBufferSource, PositionsDoNotDrift) {
  // A loop of 44,100 frames at 44.1 kHz repeats at 48 kHz every 48,000 frames, in the first second as after twenty minutes.
  constexpr std::uint32_t kSecond = 48000, kSeconds = 1200;
  const auto buffer = MemoryBuffer::ramp(44100, 44100);
  NodeHarness node(render::kAudioBufferSource, 48000, kSecond, 1);
  node.field(kBuffer, &buffer).field(kLoop, 1).start(0);
  node.step();
  const std::vector<float> early(node.output().data, node.output().data + kSecond);
  for (std::uint32_t second = 1; second < kSeconds; ++second) node.step();
  const std::vector<float> late(node.output().data, node.output().data + kSecond);
  double worst = 0;
  for (std::size_t i = 0; i < 100; ++i) worst = std::max(worst, double{std::abs(late[i] - early[i])});
  EXPECT_LT(worst, 2e-5) << "frames of the buffer";
  EXPECT_EQ(late[320], early[320]) << "frame 294 of the buffer, read whole";
}

TEST(AudioBufferSource, TheSamplesDoNotDependOnTheQuantum) {
  const auto buffer = MemoryBuffer::ramp(700, 44100);
  const auto configure = [](NodeHarness& node) {
    node.param(kPlaybackRate, 1.37f).field(kLoop, 1).field(kLoopStart, 100.3 / 44100).field(kLoopEnd, 333.9 / 44100).start(50.7, 0.001);
  };
  NodeHarness reference = source(buffer, 128, 48000);
  configure(reference);
  const auto expected = reference.play(5000);
  for (const auto quantum : kQuanta) {
    NodeHarness node = source(buffer, quantum, 48000);
    configure(node);
    EXPECT_EQ(node.play(5000), expected) << "quantum " << quantum;
  }
}

}  // namespace
}  // namespace backline::test
