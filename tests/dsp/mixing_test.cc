#include "dsp/mixing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "tests/support/seed.h"
#include "transport/realtime.h"

namespace backline::dsp {
namespace {

using Matrix = std::vector<std::vector<float>>;  // [output][input]

const float kHalfRoot = std::sqrt(0.5f);

// Web Audio §5.2.2 and §5.2.3 as gains.
const std::map<std::pair<std::uint32_t, std::uint32_t>, Matrix> kSpeakers = {
    {{1, 2}, {{1}, {1}}},
    {{1, 4}, {{1}, {1}, {0}, {0}}},
    {{1, 6}, {{0}, {0}, {1}, {0}, {0}, {0}}},
    {{2, 4}, {{1, 0}, {0, 1}, {0, 0}, {0, 0}}},
    {{2, 6}, {{1, 0}, {0, 1}, {0, 0}, {0, 0}, {0, 0}, {0, 0}}},
    {{4, 6}, {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}},
    {{2, 1}, {{.5f, .5f}}},
    {{4, 1}, {{.25f, .25f, .25f, .25f}}},
    {{6, 1}, {{kHalfRoot, kHalfRoot, 1, 0, .5f, .5f}}},
    {{4, 2}, {{.5f, 0, .5f, 0}, {0, .5f, 0, .5f}}},
    {{6, 2}, {{1, 0, kHalfRoot, 0, kHalfRoot, 0}, {0, 1, kHalfRoot, 0, 0, kHalfRoot}}},
    {{6, 4}, {{1, 0, kHalfRoot, 0, 0, 0}, {0, 1, kHalfRoot, 0, 0, 0}, {0, 0, 0, 0, 1, 0}, {0, 0, 0, 0, 0, 1}}},
};

float gainOf(std::uint32_t from, std::uint32_t to, MixRule rule, std::uint32_t output, std::uint32_t input) {
  const auto rules = kSpeakers.find({from, to});
  if (rule == MixRule::speakers && rules != kSpeakers.end()) return rules->second[output][input];
  return output == input ? 1 : 0;
}

TEST(Mixing, EveryPairOfChannelCountsFollowsTheSpecification) {
  constexpr std::uint32_t kFrames = 37;
  std::mt19937_64 random(test::seed());
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (const MixRule rule : {MixRule::speakers, MixRule::discrete}) {
    for (std::uint32_t from = 1; from <= 32; ++from) {
      for (std::uint32_t to = 1; to <= 32; ++to) {
        std::vector<float> in(from * kFrames), out(to * kFrames), held(to * kFrames);
        for (auto& sample : in) sample = uniform(random);
        for (auto& sample : held) sample = uniform(random);
        std::vector<float> sum = held;
        {
          const transport::RealtimeScope scope;
          mixTo({in.data(), from, kFrames}, {out.data(), to, kFrames}, rule);
          mixOnto({in.data(), from, kFrames}, {sum.data(), to, kFrames}, rule);
        }
        double worst = 0, worstSum = 0;
        for (std::uint32_t o = 0; o < to; ++o) {
          for (std::uint32_t i = 0; i < kFrames; ++i) {
            double expected = 0;
            for (std::uint32_t c = 0; c < from; ++c) expected += gainOf(from, to, rule, o, c) * in[c * kFrames + i];
            worst = std::max(worst, std::abs(out[o * kFrames + i] - expected));
            worstSum = std::max(worstSum, std::abs(sum[o * kFrames + i] - held[o * kFrames + i] - expected));
          }
        }
        EXPECT_LT(worst, 5e-7) << from << " to " << to;
        EXPECT_LT(worstSum, 7e-7) << from << " onto " << to;
      }
    }
  }
}

TEST(Mixing, AddingToZerosIsTheCopy) {
  constexpr std::uint32_t kFrames = 9;
  std::vector<float> in(6 * kFrames);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = std::sin(static_cast<float>(i));
  for (const std::uint32_t to : {1, 2, 4, 6, 3}) {
    std::vector<float> copy(to * kFrames, 7.0f), sum(to * kFrames, 0.0f);
    mixTo({in.data(), 6, kFrames}, {copy.data(), to, kFrames}, MixRule::speakers);
    mixOnto({in.data(), 6, kFrames}, {sum.data(), to, kFrames}, MixRule::speakers);
    EXPECT_EQ(copy, sum) << "to " << to;
  }
}

}  // namespace
}  // namespace backline::dsp
