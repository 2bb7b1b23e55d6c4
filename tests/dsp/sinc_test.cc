#include "dsp/sinc.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <bit>
#include <cstdint>
#include <random>

#include "tests/support/seed.h"
#include "transport/realtime.h"

namespace backline::dsp {
namespace {

TEST(Sinc, GivesTheBitsOfItsScalarTwinOnEveryTarget) {
  std::mt19937_64 random(test::seed());
  std::uniform_real_distribution<float> sample(-1, 1);
  std::uniform_real_distribution<double> position(0, 4), step(0.2, 3);
  for (const auto& [from, to] : {std::pair(44100.0, 48000.0), std::pair(96000.0, 44100.0)}) {
    const SincTable table = makeSincTable(from, to);
    std::vector<float> input(table.taps + 500);
    for (float& value : input) value = sample(random);
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      hwy::SetSupportedTargetsForTest(target);
      for (int round = 0; round < 50; ++round) {
        const double start = position(random), stride = step(random);
        std::vector<float> vector(128), scalar(128);
        {
          const transport::RealtimeScope realtime;
          sincInterpolate(table, input.data(), start, stride, vector.data(), vector.size());
        }
        scalar::sincInterpolate(table, input.data(), start, stride, scalar.data(), scalar.size());
        for (std::size_t i = 0; i < vector.size(); ++i) {
          ASSERT_EQ(std::bit_cast<std::uint32_t>(vector[i]), std::bit_cast<std::uint32_t>(scalar[i])) << "sample " << i << ", target " << hwy::TargetName(target);
        }
      }
    }
    hwy::SetSupportedTargetsForTest(0);
  }
}

TEST(Sinc, PassesAConstantAsItIs) {
  for (const double ratio : {0.1, 1.0, 7.3}) {
    const SincTable table = makeSincTable(48000 * ratio, 48000);
    const std::vector<float> input(table.taps + 2000, 0.5f);
    std::vector<float> out(200);
    sincInterpolate(table, input.data(), 0.3, ratio, out.data(), out.size());
    for (const float value : out) ASSERT_NEAR(value, 0.5f, 3e-6f) << "ratio " << ratio;
  }
}

}  // namespace
}  // namespace backline::dsp
