#include "dsp/fft.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>

#include "tests/support/seed.h"
#include "transport/realtime.h"

namespace backline::dsp {
namespace {

template <typename Real>
std::vector<Real> noise(std::size_t size) {
  std::mt19937_64 random(test::seed());
  std::uniform_real_distribution<Real> uniform(-1, 1);
  std::vector<Real> samples(size);
  for (auto& sample : samples) sample = uniform(random);
  return samples;
}

template <typename Real>
class RealFftTest : public testing::Test {};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(RealFftTest, Reals);

template <typename Real>
constexpr double kTolerance = std::is_same_v<Real, float> ? 2e-5 : 1e-12;

TYPED_TEST(RealFftTest, ForwardIsTheSumOfItsDefinition) {
  for (const std::size_t size : {4, 8, 64, 100, 256}) {
    RealFft<TypeParam> fft(size);
    const auto samples = noise<TypeParam>(size);
    std::vector<std::complex<TypeParam>> bins(fft.bins());
    fft.forward(samples, bins);
    double worst = 0;
    for (std::size_t k = 0; k < bins.size(); ++k) {
      std::complex<double> sum = 0;
      for (std::size_t n = 0; n < size; ++n) {
        sum += double{samples[n]} * std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k * n % size) / static_cast<double>(size));
      }
      worst = std::max(worst, std::abs(std::complex<double>(bins[k]) - sum));
    }
    EXPECT_LT(worst, kTolerance<TypeParam>) << "size " << size;
  }
}

TYPED_TEST(RealFftTest, InverseOfForwardIsTheSignalTimesItsSize) {
  for (const std::size_t size : {4, 128, 2048, 32768}) {
    RealFft<TypeParam> fft(size);
    const auto samples = noise<TypeParam>(size);
    std::vector<std::complex<TypeParam>> bins(fft.bins());
    std::vector<TypeParam> back(size);
    {
      const transport::RealtimeScope scope;
      fft.forward(samples, bins);
      fft.inverse(bins, back);
    }
    double worst = 0;
    for (std::size_t i = 0; i < size; ++i) worst = std::max(worst, std::abs(double{back[i]} / static_cast<double>(size) - samples[i]));
    EXPECT_LT(worst, kTolerance<TypeParam>) << "size " << size;
  }
}

TYPED_TEST(RealFftTest, AnImpossibleSizeIsRefusedByName) {
  try {
    RealFft<TypeParam> fft(7);
    FAIL() << "a plan for 7 points was made";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("7 points"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace backline::dsp
