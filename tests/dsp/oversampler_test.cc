#include "dsp/oversampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <random>

#include "dsp/half_band.h"
#include "dsp/wave_shaping.h"
#include "tests/dsp/spectrum.h"
#include "tests/support/seed.h"
#include "transport/realtime.h"

namespace backline::dsp {
namespace {

using test::decibels;
using Samples = std::vector<float>;

TEST(HalfBand, HasSymmetricTapsWhoseSumIsOne) {
  for (const std::size_t count : {16u, 128u}) {
    const Samples taps = halfBandTaps(count);
    ASSERT_EQ(taps.size(), count);
    EXPECT_NEAR(std::accumulate(taps.begin(), taps.end(), 0.0), 1, 1e-6);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(taps[i], taps[count - 1 - i]) << i;
  }
}

/// What is done to each sample at the higher rate: nothing.
constexpr auto kNothing = [](float*, std::size_t) {};

TEST(Oversampler, GivesTheSameInRunsOfAnyLength) {
  std::mt19937_64 random(test::seed());
  std::uniform_real_distribution<float> uniform(-1, 1);
  Samples in(4000);
  for (float& sample : in) sample = uniform(random);
  for (const std::uint32_t factor : {2u, 4u}) {
    Oversampler whole(factor, 1), pieces(factor, 3);
    Samples expected(in.size()), got(in.size());
    whole.process(0, in.data(), expected.data(), 4000, kNothing);
    for (std::uint32_t at = 0; at < 4000;) {
      const auto count = std::min<std::uint32_t>(4000 - at, 1 + static_cast<std::uint32_t>(random() % 300));
      const transport::RealtimeScope scope;
      pieces.process(2, in.data() + at, got.data() + at, count, kNothing);
      at += count;
    }
    EXPECT_EQ(got, expected) << factor;
  }
}

TEST(Oversampler, KeepsWhatIsDoneAboveTheBandOutOfIt) {
  // A tone that only exists at the higher rate, between a half and the whole of the lower one.
  for (const std::uint32_t factor : {2u, 4u}) {
    for (const double cycles : {0.56, 0.75, 0.94, 1.2, 1.9}) {
      if (cycles > factor / 2.0) continue;
      Oversampler oversampler(factor, 1);
      std::size_t place = 0;
      Samples in(2048), out(2048);
      oversampler.process(0, in.data(), out.data(), 2048, [&](float* samples, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i, ++place)
          samples[i] = static_cast<float>(std::sin(2 * std::numbers::pi * cycles / factor * static_cast<double>(place)));
      });
      double most = 0;
      for (std::size_t i = 512; i < out.size(); ++i) most = std::max(most, std::abs(static_cast<double>(out[i])));
      EXPECT_LT(decibels(most), -70) << factor << " times, " << cycles << " of the rate";
    }
  }
}

TEST(Oversampler, RaisesWithoutImages) {
  for (const std::uint32_t factor : {2u, 4u}) {
    constexpr std::size_t kLength = 2048;
    Oversampler oversampler(factor, 1);
    Samples in(2 * kLength), out(2 * kLength), raised;
    constexpr std::size_t kBin = 700;   // 0.34 of the rate
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(std::sin(2 * std::numbers::pi * kBin / kLength * static_cast<double>(i)));
    oversampler.process(0, in.data(), out.data(), 2 * kLength, [&](float* samples, std::size_t count) { raised.insert(raised.end(), samples, samples + count); });
    const std::vector<double> bins = test::amplitudes(std::span<const float>(raised).subspan(factor * kLength));
    EXPECT_NEAR(decibels(bins[kBin]), 0, 0.01);
    for (std::size_t k = 1; k < bins.size(); ++k) {
      if (k == kBin) continue;
      ASSERT_LT(decibels(bins[k]), -70) << factor << " times, " << static_cast<double>(k) / kLength << " of the rate";
    }
  }
}

TEST(Oversampler, TakesAChannelOverFromAnotherAndForgets) {
  Oversampler oversampler(4, 2);
  Samples in(1000, 0.5f), left(1000), right(1000);
  oversampler.process(0, in.data(), left.data(), 1000, kNothing);
  oversampler.copy(0, 1);
  oversampler.process(0, in.data(), left.data(), 200, kNothing);
  oversampler.process(1, in.data(), right.data(), 200, kNothing);
  EXPECT_EQ(Samples(left.begin(), left.begin() + 200), Samples(right.begin(), right.begin() + 200));
  oversampler.clear(1);
  Samples silence(1000), out(1000);
  oversampler.process(1, silence.data(), out.data(), 1000, kNothing);
  EXPECT_EQ(out, silence);
}

TEST(Shaping, MayHappenInPlace) {
  const float curve[] = {1, 0, 1};
  Samples samples{-1, -0.5f, 0, 0.25f, 3};
  shape(curve, samples.data(), samples.data(), samples.size());
  EXPECT_EQ(samples, (Samples{1, 0.5f, 0, 0.25f, 1}));
}

TEST(Shaping, FindsItsPlaceInCurvesOfManyPoints) {
  Samples curve(1 << 20);
  for (std::size_t i = 0; i < curve.size(); ++i) curve[i] = static_cast<float>(2 * static_cast<double>(i) / static_cast<double>(curve.size() - 1) - 1);
  for (float x = -1; x < 1; x += 0.00137f) {
    float y = 0;
    shape(curve, &x, &y, 1);
    ASSERT_NEAR(y, x, 1.2e-7f);
  }
}

}  // namespace
}  // namespace backline::dsp
