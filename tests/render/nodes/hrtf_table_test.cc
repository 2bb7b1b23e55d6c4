#include "render/nodes/hrtf_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "tests/dsp/spectrum.h"
#include "transport/realtime.h"

namespace backline::test {
namespace {

using render::EarFilters;
using render::HrtfTable;
using render::kLeftEar;
using render::kRightEar;

constexpr float kRate = 48000;

double levelAt(const std::vector<float>& taps, double hertz, double rate = static_cast<double>(kRate)) {
  std::complex<double> sum = 0;
  for (std::size_t i = 0; i < taps.size(); ++i) sum += static_cast<double>(taps[i]) * std::polar(1.0, -2 * std::numbers::pi * hertz / rate * static_cast<double>(i));
  return decibels(std::abs(sum));
}

double energyOf(const std::vector<float>& taps) {
  double sum = 0;
  for (const float tap : taps) sum += static_cast<double>(tap) * static_cast<double>(tap);
  return 10 * std::log10(sum);
}

double louderRight(const EarFilters& filters) { return energyOf(filters.taps[kRightEar]) - energyOf(filters.taps[kLeftEar]); }

/// Seconds by which the left ear hears it later, below 1.5 kHz: from the phases of delay and filters.
double lagOfLeft(const EarFilters& filters) {
  const auto phase = [](const std::vector<float>& taps, double hertz) {
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < taps.size(); ++i) sum += static_cast<double>(taps[i]) * std::polar(1.0, -2 * std::numbers::pi * hertz / static_cast<double>(kRate) * static_cast<double>(i));
    return std::arg(sum);
  };
  const double hertz = 500;
  const double frames = static_cast<double>(filters.delay[kLeftEar]) - static_cast<double>(filters.delay[kRightEar]);
  return frames / static_cast<double>(kRate) + (phase(filters.taps[kRightEar], hertz) - phase(filters.taps[kLeftEar], hertz)) / (2 * std::numbers::pi * hertz);
}

std::shared_ptr<const HrtfTable> made(float rate) {
  auto table = HrtfTable::of(rate);
  table->wait();
  return table;
}

struct Heard : ::testing::Test {
  const EarFilters& at(double azimuth, double elevation = 0) {
    const transport::RealtimeScope scope;
    table->find(azimuth, elevation, filters);
    return filters;
  }
  std::shared_ptr<const HrtfTable> table = made(kRate);
  EarFilters filters = table->makeFilters();
};
using HrtfTableTest = Heard;

TEST_F(HrtfTableTest, IsMadeOnceForEveryRate) {
  EXPECT_EQ(HrtfTable::of(kRate), table);
  EXPECT_NE(HrtfTable::of(44100), table);
}

TEST_F(HrtfTableTest, CanBeLetGoOfWhileItIsMade) {
  for (const float rate : {22050.0f, 32000.0f}) EXPECT_GT(HrtfTable(rate).taps(), 0u);
  const HrtfTable other(32000);
  other.wait();
  EXPECT_TRUE(other.isMade());
}

TEST_F(HrtfTableTest, HearsNoEarLaterThanItSays) {
  for (double azimuth = -180; azimuth < 180; azimuth += 5)
    for (const std::size_t delay : at(azimuth).delay) EXPECT_LT(delay, table->mostDelay()) << azimuth << "°";
}

TEST_F(HrtfTableTest, HearsWhatIsToTheSideLouderOnThatSide) {
  for (const double azimuth : {30.0, 60.0, 90.0, 120.0}) {
    EXPECT_GT(louderRight(at(azimuth)), 5) << azimuth << "°";
    EXPECT_LT(louderRight(at(-azimuth)), -5) << -azimuth << "°";
  }
  at(90);
  EXPECT_GT(levelAt(filters.taps[kRightEar], 10000) - levelAt(filters.taps[kLeftEar], 10000), 15) << "the head's shadow is deeper for high tones";
  EXPECT_LT(levelAt(filters.taps[kRightEar], 200) - levelAt(filters.taps[kLeftEar], 200), 5) << "low tones go round it";
}

TEST_F(HrtfTableTest, HearsItSoonerThereByWhatAHeadIsWide) {
  double before = 0;
  for (const double azimuth : {15.0, 30.0, 45.0, 60.0, 75.0, 90.0}) {
    const double lag = lagOfLeft(at(azimuth));
    EXPECT_GT(lag, before) << azimuth << "°: " << lag * 1e6 << " µs";
    EXPECT_NEAR(lag, -lagOfLeft(at(-azimuth)), 3e-5) << azimuth << "°";
    before = lag;
  }
  EXPECT_GT(before, 550e-6);
  EXPECT_LT(before, 900e-6);
}

TEST_F(HrtfTableTest, HearsTheMedianPlaneAlikeInBothEars) {
  for (const double elevation : {-90.0, -40.0, 0.0, 45.0, 90.0}) {
    for (const double azimuth : {0.0, 180.0}) {
      if (std::abs(elevation) == 90 && azimuth != 0) continue;
      at(azimuth, elevation);
      EXPECT_NEAR(energyOf(filters.taps[kLeftEar]), energyOf(filters.taps[kRightEar]), 1) << azimuth << "°, " << elevation << "° up";
      EXPECT_LT(std::abs(lagOfLeft(filters)), 4e-5) << azimuth << "°, " << elevation << "° up";
    }
  }
}

TEST_F(HrtfTableTest, ShadowsWhatIsBehind) {
  const double front = energyOf(at(0).taps[kLeftEar]);
  EXPECT_GT(front - energyOf(at(180).taps[kLeftEar]), 3);
}

TEST_F(HrtfTableTest, IsNeitherLouderNorQuieterThanItsSourceAsAWhole) {
  for (const double hertz : {150.0, 250.0}) {
    double power = 0;
    for (int azimuth = -180; azimuth < 180; azimuth += 15)
      for (const auto& taps : at(azimuth).taps) power += std::pow(10, levelAt(taps, hertz) / 10) / 48;
    EXPECT_NEAR(10 * std::log10(power), 2, 2) << hertz << " Hz";
  }
}

TEST_F(HrtfTableTest, ChangesLittleFromOneDirectionToTheNext) {
  for (double azimuth = -180; azimuth < 180; azimuth += 0.7) {
    const EarFilters here = at(azimuth, 13), there = at(azimuth + 0.7, 13.2);
    for (unsigned ear = 0; ear < 2; ++ear) {
      for (const double hertz : {300.0, 1000.0, 3000.0}) ASSERT_NEAR(levelAt(here.taps[ear], hertz), levelAt(there.taps[ear], hertz), 1.0) << azimuth << "°, " << hertz << " Hz";
    }
    ASSERT_LT(std::abs(lagOfLeft(here) - lagOfLeft(there)), 15e-6) << azimuth << "°";
  }
}

TEST_F(HrtfTableTest, SoundsTheSameAtEveryRate) {
  for (const float rate : {8000.0f, 44100.0f, 96000.0f}) {
    const auto other = made(rate);
    EarFilters found = other->makeFilters();
    other->find(50, 10, found);
    at(50, 10);
    for (unsigned ear = 0; ear < 2; ++ear)
      for (const double hertz : {300.0, 1000.0, 2500.0})
        EXPECT_NEAR(levelAt(found.taps[ear], hertz, static_cast<double>(rate)), levelAt(filters.taps[ear], hertz), 1) << rate << " Hz, " << hertz << " Hz, ear " << ear;
  }
}

}  // namespace
}  // namespace backline::test
