#include "dsp/kernels.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/support/seed.h"
#include "transport/realtime.h"

namespace backline::dsp {
namespace {

using Samples = std::vector<float>;

// Ordinary and awkward numbers: zeros of both signs, the smallest, the greatest, infinities and NaN.
Samples numbers(std::mt19937_64& random, std::size_t count) {
  constexpr float kAwkward[] = {0.0f, -0.0f, std::numeric_limits<float>::min(), std::numeric_limits<float>::max(),
                                std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::quiet_NaN(), 1.0f, 1.0f + 0x1p-23f};
  std::uniform_real_distribution<float> uniform(-2, 2);
  Samples samples(count);
  for (auto& sample : samples) sample = random() % 16 == 0 ? kAwkward[random() % std::size(kAwkward)] : uniform(random);
  return samples;
}

// NaNs count as equal whatever their payload: IEEE 754 leaves it open.
std::size_t firstDifference(const Samples& a, const Samples& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool bothNan = a[i] != a[i] && b[i] != b[i];
    if (!bothNan && std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) return i;
  }
  return a.size();
}

struct Arguments {
  Samples in, gains, out;
  float gain;
};

struct Kernel {
  const char* name;
  void (*vector)(Arguments&, std::size_t offset, std::size_t count);
  void (*scalar)(Arguments&, std::size_t offset, std::size_t count);
};

#define BACKLINE_KERNEL(name, ...)                                                            \
  Kernel {                                                                                    \
#name, [](Arguments& a, std::size_t o, std::size_t n) { dsp::name(__VA_ARGS__); },        \
        [](Arguments& a, std::size_t o, std::size_t n) { dsp::scalar::name(__VA_ARGS__); } \
  }

const Kernel kKernels[] = {
    BACKLINE_KERNEL(scale, &a.in[o], a.gain, &a.out[o], n),
    BACKLINE_KERNEL(multiply, &a.in[o], &a.gains[o], &a.out[o], n),
    BACKLINE_KERNEL(add, &a.in[o], &a.out[o], n),
    BACKLINE_KERNEL(addScaled, &a.in[o], a.gain, &a.out[o], n),
    BACKLINE_KERNEL(addMultiplied, &a.in[o], &a.gains[o], &a.out[o], n),
    BACKLINE_KERNEL(clamp, &a.out[o], -0.5f, 0.75f, 0.25f, n),
};

std::vector<std::int64_t> targets() {
  std::vector<std::int64_t> all;
  for (std::int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1) all.push_back(rest & -rest);
  return all;
}

TEST(Kernels, EveryTargetComputesTheBitsOfTheScalarTwin) {
  std::mt19937_64 random(test::seed());
  ASSERT_GE(targets().size(), 2u) << "fewer than two SIMD targets: nothing is compared";
  for (const std::int64_t target : targets()) {
    hwy::SetSupportedTargetsForTest(target);
    for (const Kernel& kernel : kKernels) {
      for (const std::size_t count : {0, 1, 3, 7, 16, 63, 128, 137, 1024}) {
        const std::size_t offset = random() % 5;
        Arguments vector{numbers(random, count + 8), numbers(random, count + 8), numbers(random, count + 8), numbers(random, 1)[0]};
        Arguments scalar = vector;
        {
          const transport::RealtimeScope scope;
          kernel.vector(vector, offset, count);
        }
        kernel.scalar(scalar, offset, count);
        EXPECT_EQ(firstDifference(vector.out, scalar.out), scalar.out.size())
            << kernel.name << " of " << count << " samples on " << hwy::TargetName(target);
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(Kernels, MultiplyAndAddRoundTwice) {
  // The fused result of 1 − (1 + 2^-23)·(1 − 2^-23) would be 2^-46.
  Samples in{1 + 0x1p-23f}, out{-1.0f};
  addScaled(in.data(), 1 - 0x1p-23f, out.data(), 1);
  EXPECT_EQ(out[0], (1 + 0x1p-23f) * (1 - 0x1p-23f) - 1.0f);
  EXPECT_EQ(out[0], 0.0f);
}

TEST(Kernels, ClampReplacesNaNAndKeepsTheRange) {
  Samples values{-1, -0.25f, 3, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
  clamp(values.data(), -0.5f, 1, 0.125f, values.size());
  EXPECT_EQ(values, (Samples{-0.5f, -0.25f, 1, 0.125f, 1}));
}

}  // namespace
}  // namespace backline::dsp
