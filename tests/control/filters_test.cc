#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "tests/control/fake_session.h"
#include "tests/control/rendered.h"

namespace backline {
namespace {

using test::kRate;

using test::errorOf;
using test::playing;
using test::rendered;

constexpr std::size_t kLong = 48000;   // frames in which the responses below have died away

double decibels(double factor) { return 20 * std::log10(factor); }

/// Magnitude of a signal's spectrum at one frequency.
double magnitudeAt(const std::vector<float>& signal, double hertz) {
  std::complex<double> sum = 0;
  for (std::size_t i = 0; i < signal.size(); ++i)
    sum += static_cast<double>(signal[i]) * std::polar(1.0, -2 * std::numbers::pi * hertz / kRate * static_cast<double>(i));
  return std::abs(sum);
}

TEST(BiquadFilter, WhatItDoesToAnImpulseIsWhatItSaysOfItsResponse) {
  const std::vector<float> hertz{20, 100, 350, 999, 1000, 5000, 12000, 20000};
  for (int type = 0; type <= static_cast<int>(BiquadFilterType::allpass); ++type) {
    std::vector<float> said(hertz.size()), phase(hertz.size());
    const auto out = rendered(1, kLong, [&](OfflineAudioContext& context) {
      BiquadFilterOptions options;
      options.type = static_cast<BiquadFilterType>(type);
      options.frequency = 1000;
      options.Q = 2;
      options.gain = 6;
      auto filter = std::make_shared<BiquadFilterNode>(context, options);
      playing(context, {{1}})->connect(*filter).connect(context.destination());
      filter->getFrequencyResponse(hertz, said, phase);
    });
    for (std::size_t i = 0; i < hertz.size(); ++i) {
      const double got = magnitudeAt(out[0], hertz[i]);
      EXPECT_LT(std::abs(got - said[i]), 2e-5) << "type " << type << " at " << hertz[i] << " Hz: " << decibels(got) << " dB, said " << decibels(said[i]) << " dB";
    }
  }
}

TEST(BiquadFilter, HasTheGainsItsTypeIsKnownFor) {
  struct Case {
    BiquadFilterType type;
    float hertz;
    double decibels;
  };
  using enum BiquadFilterType;
  // Q: for lowpass and highpass 6 dB at the corner; elsewhere a factor. gain 12 dB.
  const Case cases[] = {{lowpass, 10, 0}, {lowpass, 1000, 6}, {highpass, 23999, 0}, {highpass, 1000, 6}, {bandpass, 1000, 0}, {peaking, 1000, 12}, {peaking, 10, 0},
                        {lowshelf, 10, 12}, {lowshelf, 1000, 6}, {lowshelf, 23999, 0}, {highshelf, 10, 0}, {highshelf, 1000, 6}, {highshelf, 23999, 12},
                        {notch, 10, 0}, {allpass, 1000, 0}, {allpass, 3000, 0}};
  OfflineAudioContext context({.numberOfChannels = 1, .length = 1, .sampleRate = kRate});
  for (const Case& one : cases) {
    BiquadFilterOptions options;
    options.type = one.type;
    options.frequency = 1000;
    options.Q = 6;
    options.gain = 12;
    BiquadFilterNode filter(context, options);
    float magnitude = 0, phase = 0;
    filter.getFrequencyResponse({&one.hertz, 1}, {&magnitude, 1}, {&phase, 1});
    EXPECT_NEAR(decibels(magnitude), one.decibels, 0.05) << "type " << static_cast<int>(one.type) << " at " << one.hertz << " Hz";
  }
}

TEST(BiquadFilter, AtTheEndsOfItsRangeItIsWhatItTendsTo) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 1, .sampleRate = kRate});
  const auto at = [&](BiquadFilterType type, float frequency, float q) {
    BiquadFilterOptions options;
    options.type = type;
    options.frequency = frequency;
    options.Q = q;
    options.gain = 20;
    BiquadFilterNode filter(context, options);
    const float hertz = 3000;
    float magnitude = 0, phase = 0;
    filter.getFrequencyResponse({&hertz, 1}, {&magnitude, 1}, {&phase, 1});
    return magnitude;
  };
  using enum BiquadFilterType;
  EXPECT_EQ(at(lowpass, 0, 1), 0);
  EXPECT_EQ(at(lowpass, 24000, 1), 1);
  EXPECT_EQ(at(highpass, 0, 1), 1);
  EXPECT_EQ(at(highpass, 24000, 1), 0);
  EXPECT_EQ(at(bandpass, 1000, 0), 1);
  EXPECT_EQ(at(notch, 1000, 0), 0);
  EXPECT_FLOAT_EQ(at(peaking, 1000, 0), 10);
  EXPECT_FLOAT_EQ(at(lowshelf, 24000, 1), 10);
  EXPECT_EQ(at(highshelf, 24000, 1), 1);
}

TEST(BiquadFilter, RingsOnAfterItsInputHasEndedAndIsTheSameAtEveryQuantum) {
  const auto play = [](std::uint32_t quantum) {
    return rendered(2, 4000, [](OfflineAudioContext& context) {
      BiquadFilterOptions options;
      options.type = BiquadFilterType::bandpass;
      options.frequency = 500;
      options.Q = 60;
      auto filter = std::make_shared<BiquadFilterNode>(context, options);
      playing(context, {{1, 0.5f}, {-1, 0.25f}})->connect(*filter).connect(context.destination());
    }, quantum);
  };
  const auto expected = play(128);
  EXPECT_GT(std::abs(expected[0][3000]), 1e-6f);
  EXPECT_GT(std::abs(expected[1][3000]), 1e-6f);
  for (const std::uint32_t quantum : {64u, 137u, 1000u}) EXPECT_EQ(play(quantum), expected) << "quantum " << quantum;
}

TEST(BiquadFilter, RefusesArraysOfDifferentLengthsAndSaysNaNBeyondItsRange) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 1, .sampleRate = kRate});
  BiquadFilterNode filter(context);
  std::vector<float> two(2), three(3);
  EXPECT_EQ(errorOf([&] { filter.getFrequencyResponse(two, three, two); }), "InvalidAccessError");
  EXPECT_EQ(errorOf([&] { filter.getFrequencyResponse(two, two, three); }), "InvalidAccessError");
  std::vector<float> hertz{-1, 24001, 24000}, magnitude(3), phase(3);
  filter.getFrequencyResponse(hertz, magnitude, phase);
  EXPECT_TRUE(std::isnan(magnitude[0]) && std::isnan(phase[0]) && std::isnan(magnitude[1]));
  EXPECT_FALSE(std::isnan(magnitude[2]));
}

TEST(IIRFilter, ComputesItsDifferenceEquation) {
  const std::vector<double> b{0.5, -0.2, 0.1}, a{2, 0.4, -0.3, 0.2};
  std::vector<float> input(300);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(std::sin(0.37 * static_cast<double>(i)));
  const auto out = rendered(1, 400, [&](OfflineAudioContext& context) {
    playing(context, {input})->connect(*context.createIIRFilter(b, a)).connect(context.destination());
  });
  std::vector<double> y(400);
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    for (std::size_t k = 0; k < b.size(); ++k)
      if (i >= k && i - k < input.size()) y[i] += b[k] * static_cast<double>(input[i - k]);
    for (std::size_t k = 1; k < a.size(); ++k)
      if (i >= k) y[i] -= a[k] * y[i - k];
    y[i] /= a[0];
    worst = std::max(worst, std::abs(y[i] - static_cast<double>(out[0][i])));
  }
  EXPECT_LT(decibels(worst), -130) << "dB of error; the limit is -130 dB";
}

TEST(IIRFilter, OfSecondOrderIsTheBiquadOfTheSameCoefficients) {
  const dsp::BiquadCoefficients c = dsp::biquadCoefficients(BiquadFilterType::lowpass, 0.05, 3, 0);
  std::vector<float> input(1000);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>((i * 7919) % 1000) / 500 - 1;
  const auto out = rendered(2, 1000, [&](OfflineAudioContext& context) {
    auto source = playing(context, {input});
    auto merger = context.createChannelMerger(2);
    BiquadFilterOptions options;
    options.frequency = static_cast<float>(0.05 * kRate);
    options.Q = 3;
    auto biquad = std::make_shared<BiquadFilterNode>(context, options);
    auto iir = context.createIIRFilter({c.b0, c.b1, c.b2}, {1, c.a1, c.a2});
    source->connect(*biquad).connect(*merger, 0, 0);
    source->connect(*iir).connect(*merger, 0, 1);
    merger->connect(context.destination());
  });
  double worst = 0;
  for (std::size_t i = 0; i < 1000; ++i) worst = std::max(worst, std::abs(static_cast<double>(out[0][i]) - static_cast<double>(out[1][i])));
  EXPECT_LT(decibels(worst), -120) << "dB between them; the limit is -120 dB";
}

TEST(IIRFilter, RefusesWhatIsNoFilter) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 1, .sampleRate = kRate});
  EXPECT_EQ(errorOf([&] { context.createIIRFilter({}, {1}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { context.createIIRFilter({1}, {}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { context.createIIRFilter(std::vector<double>(21, 1), {1}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { context.createIIRFilter({0, 0}, {1}); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { context.createIIRFilter({1}, {0, 1}); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { context.createIIRFilter({std::nan("")}, {1}); }), "TypeError");
}

}  // namespace
}  // namespace backline
