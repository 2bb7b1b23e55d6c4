#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "dsp/spectrum_analysis.h"
#include "transport/realtime.h"

namespace backline::dsp {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> cosineAtBin(std::size_t size, double bin, double amplitude) {
  std::vector<float> samples(size);
  for (std::size_t n = 0; n < size; ++n)
    samples[n] = static_cast<float>(amplitude * std::cos(2 * std::numbers::pi * bin * static_cast<double>(n) / static_cast<double>(size)));
  return samples;
}

std::vector<float> decibelsOf(const SpectrumAnalysis& analysis) {
  std::vector<float> out(analysis.bins());
  analysis.decibels(out);
  return out;
}

TEST(BlackmanWindow, IsTheSpecificationsAtEverySize) {
  for (std::size_t size = 32; size <= 32768; size *= 2) {
    std::vector<float> window(size);
    blackmanWindow(window);
    EXPECT_NEAR(window[0], 0, 1e-7) << size;
    EXPECT_EQ(window[size / 2], 1) << size;
    EXPECT_NEAR(window[size / 4], 0.34, 1e-6) << size << ": 0.42 - 0.08";
    for (std::size_t n = 1; n < size; ++n) ASSERT_NEAR(window[n], window[size - n], 1e-7) << "frame " << n << " of " << size;
    double sum = 0;
    for (const float value : window) sum += static_cast<double>(value);
    EXPECT_NEAR(sum / static_cast<double>(size), 0.42, 1e-7) << size;
  }
}

// A cosine on bin k through this window: half the amplitude times 0.42 on k, 0.25 on its neighbours, 0.04 on theirs, nothing beyond.
TEST(SpectrumAnalysis, ACosineOnABinIsTheWindowsFiveBins) {
  for (std::size_t size = 32; size <= 32768; size *= 2) {
    SpectrumAnalysis analysis(size);
    const std::size_t bin = size / 4;
    analysis.update(cosineAtBin(size, static_cast<double>(bin), 0.5), 0);
    const auto spectrum = decibelsOf(analysis);
    const auto level = [](double weight) { return 20 * std::log10(0.5 / 2 * weight); };
    EXPECT_NEAR(spectrum[bin], level(0.42), 1e-4) << "dB, size " << size;
    EXPECT_NEAR(spectrum[bin - 1], level(0.25), 1e-4) << "dB, size " << size;
    EXPECT_NEAR(spectrum[bin + 1], level(0.25), 1e-4) << "dB, size " << size;
    EXPECT_NEAR(spectrum[bin - 2], level(0.04), 1e-3) << "dB, size " << size;
    for (std::size_t k = 0; k < analysis.bins(); ++k) {
      if (k + 3 > bin && k < bin + 3) continue;
      ASSERT_LT(spectrum[k], -140) << "dB at bin " << k << ", size " << size;
    }
  }
}

TEST(SpectrumAnalysis, SmoothsMagnitudesOverTime) {
  constexpr std::size_t kSize = 256, kBin = 16;
  SpectrumAnalysis analysis(kSize);
  const auto samples = cosineAtBin(kSize, kBin, 1);
  const std::vector<float> silence(kSize);
  double expected = 0;
  for (int block = 0; block < 40; ++block) {
    const bool sounds = block % 3 != 2;
    analysis.update(sounds ? samples : silence, 0.8);
    expected = 0.8 * expected + 0.2 * (sounds ? 0.21 : 0);
    ASSERT_NEAR(decibelsOf(analysis)[kBin], 20 * std::log10(expected), 1e-3) << "dB after block " << block;
  }
}

TEST(SpectrumAnalysis, SilenceIsMinusInfinity) {
  SpectrumAnalysis analysis(64);
  for (const float level : decibelsOf(analysis)) EXPECT_EQ(level, -kInfinity);
  analysis.update(std::vector<float>(64), 0.8);
  for (const float level : decibelsOf(analysis)) EXPECT_EQ(level, -kInfinity);
}

TEST(SpectrumAnalysis, WhatIsNotFiniteIsForgottenAtOnce) {
  for (const float bad : {kNaN, kInfinity, -kInfinity, std::numeric_limits<float>::max()}) {
    SpectrumAnalysis analysis(64);
    std::vector<float> samples(64, bad);
    analysis.update(samples, 0.8);
    for (const float level : decibelsOf(analysis)) ASSERT_FALSE(std::isnan(level) || level == kInfinity) << bad;
    analysis.update(cosineAtBin(64, 8, 1), 0);
    EXPECT_NEAR(decibelsOf(analysis)[8], 20 * std::log10(0.21), 1e-4) << "dB after " << bad;
  }
}

TEST(SpectrumAnalysis, BytesSpanTheDecibelsBetweenTheirLimits) {
  SpectrumAnalysis analysis(64);
  analysis.update(cosineAtBin(64, 8, 1), 0);
  const double level = 20 * std::log10(0.21);   // −13.56 dB
  const auto byteBetween = [&](double least, double most) {
    std::vector<std::uint8_t> bytes(32);
    analysis.bytes(bytes, least, most);
    return static_cast<int>(bytes[8]);
  };
  EXPECT_EQ(byteBetween(-100, 0), static_cast<int>(std::floor(255.0 / 100 * (level + 100))));
  EXPECT_EQ(byteBetween(-100, -30), 255);
  EXPECT_EQ(byteBetween(-10, 0), 0);
  EXPECT_EQ(byteBetween(level - 10, level + 10), 127);
}

TEST(SpectrumAnalysis, SamplesBecomeBytesRoundedDownAndClipped) {
  const std::vector<float> samples{-1, 0, 0.5f, 0.9999f, 1, 2, -3, kInfinity, -kInfinity, kNaN, 1.0f / 256};
  std::vector<std::uint8_t> bytes(samples.size(), 77);
  toBytes(samples, bytes);
  EXPECT_EQ(bytes, (std::vector<std::uint8_t>{0, 128, 192, 255, 255, 255, 0, 255, 0, 0, 128}));
}

TEST(SpectrumAnalysis, FillsWhatFitsAndLeavesTheRest) {
  SpectrumAnalysis analysis(64);
  std::vector<float> longer(40, 7);
  analysis.decibels(longer);
  EXPECT_EQ(longer[31], -kInfinity);
  EXPECT_EQ(longer[32], 7);
  std::vector<std::uint8_t> bytes(40, 7);
  analysis.bytes(bytes, -100, -30);
  EXPECT_EQ(bytes[31], 0);
  EXPECT_EQ(bytes[32], 7);
  analysis.decibels({});
  toBytes(longer, std::span(bytes).first(2));
  EXPECT_EQ(bytes[2], 0);
}

TEST(SpectrumAnalysis, AllocatesOnlyWhenItIsMade) {
  SpectrumAnalysis analysis(2048);
  const auto samples = cosineAtBin(2048, 7, 1);
  std::vector<float> out(1024);
  const transport::RealtimeScope scope;
  analysis.update(samples, 0.8);
  analysis.decibels(out);
}

}  // namespace
}  // namespace backline::dsp
