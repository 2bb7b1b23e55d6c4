#include "dsp/partitioned_convolver.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

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

/// The definition, in double.
Samples convolve(const Samples& in, const Samples& response) {
  Samples out(in.size());
  for (std::size_t n = 0; n < in.size(); ++n) {
    double sum = 0;
    for (std::size_t k = 0; k < response.size() && k <= n; ++k) sum += static_cast<double>(response[k]) * static_cast<double>(in[n - k]);
    out[n] = static_cast<float>(sum);
  }
  return out;
}

/// Of the difference against the energy of `wanted`, in dB.
double errorOf(const Samples& got, const Samples& wanted) {
  double difference = 0, energy = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    difference += std::pow(static_cast<double>(got[i]) - static_cast<double>(wanted[i]), 2);
    energy += std::pow(static_cast<double>(wanted[i]), 2);
  }
  return difference == 0 ? -400 : 10 * std::log10(difference / energy);
}

constexpr ConvolverPath kOnePath[] = {{0, 0, 0}};

Samples run(PartitionedConvolver& convolver, const Samples& in, std::size_t chunk) {
  Samples out(in.size());
  for (std::size_t at = 0; at < in.size(); at += chunk) {
    const float* lanes[] = {in.data() + at};
    float* outputs[] = {out.data() + at};
    const transport::RealtimeScope scope;
    convolver.process(lanes, outputs, std::min(chunk, in.size() - at));
  }
  return out;
}

TEST(PartitionedConvolver, EqualsTheDefinitionForEveryLengthAndEveryChunk) {
  std::mt19937_64 random(test::seed());
  for (const std::size_t length : {1, 2, 127, 128, 129, 256, 1000, 1024, 1025, 5000, 8191, 8192, 8193, 13000}) {
    const Samples response = noise(random, length), in = noise(random, 18000);
    const Samples wanted = convolve(in, response);
    for (const std::size_t chunk : {128, 137, 1000, 16384}) {
      PartitionedConvolver convolver(std::span(&response, 1), kOnePath, 1, 1, 128);
      EXPECT_LT(errorOf(run(convolver, in, chunk), wanted), -120) << "dB, a response of " << length << " in chunks of " << chunk;
    }
  }
}

TEST(PartitionedConvolver, GivesTheSameBitsWhateverTheChunks) {
  std::mt19937_64 random(test::seed());
  const Samples response = noise(random, 20000), in = noise(random, 30000);
  PartitionedConvolver convolver(std::span(&response, 1), kOnePath, 1, 1, 32);
  const Samples wanted = run(convolver, in, in.size());
  for (const std::size_t chunk : {1, 31, 32, 333, 4096}) {
    PartitionedConvolver other(std::span(&response, 1), kOnePath, 1, 1, 32);
    EXPECT_EQ(run(other, in, chunk), wanted) << "chunks of " << chunk;
  }
}

TEST(PartitionedConvolver, AnImpulseGivesTheResponse) {
  std::mt19937_64 random(test::seed());
  for (const std::uint32_t block : {16u, 64u, 128u}) {
    const Samples response = noise(random, 40000);
    for (const std::size_t place : {std::size_t{0}, std::size_t{77}, std::size_t{4095}}) {
      Samples in(place + response.size()), wanted(in.size());
      in[place] = 1;
      std::copy(response.begin(), response.end(), wanted.begin() + static_cast<std::ptrdiff_t>(place));
      PartitionedConvolver convolver(std::span(&response, 1), kOnePath, 1, 1, block);
      EXPECT_LT(errorOf(run(convolver, in, 128), wanted), -120) << "dB, impulse at " << place << ", blocks of " << block;
    }
  }
}

TEST(PartitionedConvolver, AnswersInTheFrameOfTheInput) {
  const Samples response{0.5f};
  PartitionedConvolver convolver(std::span(&response, 1), kOnePath, 1, 1, 128);
  EXPECT_EQ(run(convolver, {1, 0, 2}, 1), (Samples{0.5f, 0, 1}));
}

TEST(PartitionedConvolver, EveryPathConvolvesItsLaneOntoItsOutput) {
  std::mt19937_64 random(test::seed());
  const Samples responses[] = {noise(random, 3000), noise(random, 200), noise(random, 9000)};
  constexpr ConvolverPath kPaths[] = {{0, 0, 0}, {0, 1, 1}, {1, 2, 1}};
  const Samples left = noise(random, 12000), right = noise(random, 12000);
  PartitionedConvolver convolver(responses, kPaths, 2, 2, 128);
  Samples out[] = {Samples(left.size()), Samples(left.size())};
  const float* lanes[] = {left.data(), right.data()};
  float* outputs[] = {out[0].data(), out[1].data()};
  convolver.process(lanes, outputs, left.size());
  Samples second = convolve(left, responses[1]);
  const Samples third = convolve(right, responses[2]);
  for (std::size_t i = 0; i < second.size(); ++i) second[i] += third[i];
  EXPECT_LT(errorOf(out[0], convolve(left, responses[0])), -120);
  EXPECT_LT(errorOf(out[1], second), -120);
}

TEST(PartitionedConvolver, SilentLanesAndSparseResponsesCountAsZeros) {
  std::mt19937_64 random(test::seed());
  Samples response(20000);
  response[0] = 1, response[7000] = -0.5f, response[19999] = 0.25f;
  Samples in(60000);
  PartitionedConvolver convolver(std::span(&response, 1), kOnePath, 1, 1, 128);
  Samples out(in.size());
  for (std::size_t at = 0; at < in.size(); at += 100) {
    const bool silent = (at / 100) % 7 > 2 || at > 30000;
    if (!silent) {
      const Samples part = noise(random, 100);
      std::copy(part.begin(), part.end(), in.begin() + static_cast<std::ptrdiff_t>(at));
    }
    const float* lanes[] = {silent ? nullptr : in.data() + at};
    float* outputs[] = {out.data() + at};
    convolver.process(lanes, outputs, 100);
  }
  Samples wanted(in.size());
  for (std::size_t i = 0; i < in.size(); ++i)
    for (const std::size_t tap : {0, 7000, 19999})
      if (i >= tap) wanted[i] += response[tap] * in[i - tap];
  EXPECT_LT(errorOf(out, wanted), -120);
}

TEST(PartitionedConvolver, ForgetsAllInputWhenReset) {
  std::mt19937_64 random(test::seed());
  const Samples response = noise(random, 15000), in = noise(random, 20000);
  const Samples wanted = convolve(in, response);
  for (const std::size_t before : {1, 5000, 12345, 50000}) {
    PartitionedConvolver convolver(std::span(&response, 1), kOnePath, 1, 1, 128);
    run(convolver, noise(random, before), 128);
    convolver.reset();
    EXPECT_LT(errorOf(run(convolver, in, 128), wanted), -120) << "dB, reset after " << before << " frames";
  }
}

TEST(PartitionedConvolver, PartitionsCoverTheResponseAndLieDeepEnough) {
  for (const std::uint32_t block : {16u, 32u, 64u, 128u}) {
    for (const std::uint64_t length : {1u, 128u, 129u, 5000u, 16384u, 16385u, 480000u}) {
      std::uint64_t covered = block;
      for (const Partitions& each : partitionsOf(length, block)) {
        EXPECT_EQ(each.offset, covered);
        EXPECT_GE(each.offset, each.size == block ? block : 2 * each.size);
        covered += std::uint64_t{each.count} * each.size;
      }
      EXPECT_GE(covered, length);
    }
  }
}

}  // namespace
}  // namespace backline::dsp
