#include "dsp/convolution_kernels.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <random>
#include <vector>

#include "tests/support/seed.h"
#include "transport/realtime.h"

namespace backline::dsp {
namespace {

using Samples = std::vector<float>;

Samples noise(std::mt19937_64& random, std::size_t count) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  Samples samples(count);
  for (auto& sample : samples) sample = uniform(random);
  return samples;
}

/// Calls `use` once for every SIMD target of this machine.
template <class Use>
void onEveryTarget(Use use) {
  for (std::int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1) {
    const std::int64_t target = rest & -rest;
    hwy::SetSupportedTargetsForTest(target);
    use(hwy::TargetName(target));
  }
  hwy::SetSupportedTargetsForTest(0);
}

constexpr std::size_t kCounts[] = {0, 1, 3, 7, 16, 31, 64, 128, 137, 1025};

TEST(ConvolutionKernels, FilteringGivesTheBitsOfTheScalarTwinOnEveryTarget) {
  std::mt19937_64 random(test::seed());
  const Samples in = noise(random, 128 + 1025), taps = noise(random, 128);
  onEveryTarget([&](const char* target) {
    for (const std::size_t count : kCounts) {
      for (const std::size_t tapCount : {0, 1, 5, 128}) {
        Samples vector = noise(random, count), scalar = vector;
        {
          const transport::RealtimeScope scope;
          addFiltered(in.data() + 127, taps.data(), tapCount, vector.data(), count);
        }
        scalar::addFiltered(in.data() + 127, taps.data(), tapCount, scalar.data(), count);
        EXPECT_EQ(vector, scalar) << count << " samples, " << tapCount << " taps on " << target;
      }
    }
  });
}

TEST(ConvolutionKernels, ComplexProductsGiveTheBitsOfTheScalarTwinOnEveryTarget) {
  std::mt19937_64 random(test::seed());
  onEveryTarget([&](const char* target) {
    for (const std::size_t count : kCounts) {
      const Samples a = noise(random, 2 * count), b = noise(random, 2 * count);
      Samples vector = noise(random, 2 * count), scalar = vector;
      const ConstSplitComplex left{a.data(), a.data() + count}, right{b.data(), b.data() + count};
      addComplexProducts(left, right, {vector.data(), vector.data() + count}, count);
      scalar::addComplexProducts(left, right, {scalar.data(), scalar.data() + count}, count);
      EXPECT_EQ(vector, scalar) << count << " numbers on " << target;
    }
  });
}

TEST(ConvolutionKernels, FilteringIsConvolution) {
  const Samples in{1, 10, 100, 1000}, taps{1, 2, 3};
  Samples out{0.5f, 0};
  addFiltered(in.data() + 2, taps.data(), taps.size(), out.data(), out.size());
  EXPECT_EQ(out, (Samples{0.5f + 100 + 20 + 3, 1000 + 200 + 30}));
}

TEST(ConvolutionKernels, ProductsAreThoseOfComplexNumbers) {
  const float a[] = {2, 3}, b[] = {5, -7};
  float sum[] = {100, 1000};
  addComplexProducts({a, a + 1}, {b, b + 1}, {sum, sum + 1}, 1);
  EXPECT_EQ(sum[0], 100 + 10 + 21);
  EXPECT_EQ(sum[1], 1000 - 14 + 15);
}

}  // namespace
}  // namespace backline::dsp
