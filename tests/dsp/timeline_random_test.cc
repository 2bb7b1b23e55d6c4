#include <gtest/gtest.h>

#include <random>

#include "tests/dsp/automation.h"
#include "tests/support/seed.h"

namespace backline::test {
namespace {

// A random timeline without overlaps of curves, as the control side would let through.
void build(Automation& param, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto number = [&](double low, double high) { return low + (high - low) * static_cast<double>(random() >> 11) * 0x1p-53; };
  double frame = 0;
  for (int i = 0; i < 60; ++i) {
    frame += random() % 4 ? number(0, 90) : static_cast<double>(random() % 100);
    const float value = static_cast<float>(number(-1, 2));
    switch (random() % 6) {
      case 0:
        param.setValueAt(value, frame);
        break;
      case 1:
        param.linearTo(value, frame);
        break;
      case 2:
        param.exponentialTo(value, frame);
        break;
      case 3:
        param.targetAt(value, frame, number(0, 60));
        break;
      case 4: {
        const double duration = number(1, 120);
        param.curveAt({value, -value, 0.5f}, frame, duration);
        frame += duration;
        break;
      }
      case 5:
        if (random() % 8 == 0) param.hold(frame);
    }
  }
}

TEST(TimelineRandom, TheSamplesDoNotDependOnTheQuantum) {
  const std::uint64_t base = seed();
  for (std::uint64_t round = 0; round < 100; ++round) {
    Automation whole(0.3f);
    build(whole, base + round);
    const auto expected = whole.play(4096, 4096);
    for (const std::size_t quantum : {1, 64, 128, 137, 256}) {
      Automation param(0.3f);
      build(param, base + round);
      const auto actual = param.play(4096, quantum);
      for (std::size_t i = 0; i < 4096; ++i) {
        ASSERT_EQ(actual[i], expected[i]) << "frame " << i << ", quantum " << quantum << ", round " << round;
      }
    }
  }
}

TEST(TimelineRandom, SamplingOneFrameAQuantumGivesTheSameValues) {
  const std::uint64_t base = seed();
  for (std::uint64_t round = 0; round < 50; ++round) {
    Automation whole(0.3f), sampled(0.3f);
    build(whole, base + round);
    build(sampled, base + round);
    const auto expected = whole.play(4096, 4096);
    for (std::uint64_t frame = 0; frame < 4096; frame += 128) {
      ASSERT_EQ(sampled.timeline().valueAt(frame), expected[frame]) << "frame " << frame << ", round " << round;
    }
  }
}

TEST(TimelineRandom, EveryEventIsHandedBackInTheEnd) {
  const std::uint64_t base = seed();
  for (std::uint64_t round = 0; round < 50; ++round) {
    Automation param(0);
    build(param, base + round);
    param.play(2048);
    param.cancel(2048);
    param.cancel(0);
    param.setValueAt(0, 20000);
    param.play(20001 - 2048);
    EXPECT_EQ(param.lent(), 0u) << "round " << round;
  }
}

}  // namespace
}  // namespace backline::test
