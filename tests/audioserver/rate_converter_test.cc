#include "audioserver/rate_converter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "audioserver/device_info.h"
#include "fake_session.h"
#include "tests/support/seed.h"

namespace backline::audioserver {
namespace {

using namespace test;

struct Fit {
  double decibels;  // signal to everything else
  double amplitude;
  double phase;     // radians, at frame 0
};

/// The sine of a known frequency that lies in a signal, by least squares, and what remains.
Fit fit(const std::vector<double>& signal, double radiansPerFrame) {
  double ss = 0, cc = 0, sc = 0, xs = 0, xc = 0;
  for (std::size_t i = 0; i < signal.size(); ++i) {
    const double s = std::sin(radiansPerFrame * static_cast<double>(i)), c = std::cos(radiansPerFrame * static_cast<double>(i));
    ss += s * s, cc += c * c, sc += s * c, xs += signal[i] * s, xc += signal[i] * c;
  }
  const double determinant = ss * cc - sc * sc;
  const double a = (xs * cc - xc * sc) / determinant, b = (xc * ss - xs * sc) / determinant;
  double wanted = 0, rest = 0;
  for (std::size_t i = 0; i < signal.size(); ++i) {
    const double w = a * std::sin(radiansPerFrame * static_cast<double>(i)) + b * std::cos(radiansPerFrame * static_cast<double>(i));
    wanted += w * w;
    rest += (signal[i] - w) * (signal[i] - w);
  }
  return {10 * std::log10(wanted / rest), std::hypot(a, b), std::atan2(b, a)};
}

struct Case {
  double sessionRate, deviceRate, hertz, leastDecibels;
};

class SessionAtAnotherRate : public testing::TestWithParam<Case> {};

TEST_P(SessionAtAnotherRate, IsHeardCleanlyAndWithTheLatencyThatIsTold) {
  const Case& test = GetParam();
  std::mt19937_64 random(backline::test::seed());
  Mixer mixer(1, test.deviceRate);
  FakeSession session(1, test.sessionRate, test.deviceRate, 1024);
  ASSERT_TRUE(mixer.add(*session.voice));
  const auto sound = sine(test.hertz, test.sessionRate, 60000, 1);
  session.write(sound);
  std::vector<double> heard;
  while (heard.size() < 20000) {
    for (const float sample : render(mixer, 1 + static_cast<std::uint32_t>(random() % 1024), 1024)) heard.push_back(sample);
  }
  ASSERT_EQ(session.status().underruns, 0u);

  const std::size_t begin = 4000;  // the filter has seen nothing but the sine by then
  const double radians = 2 * std::numbers::pi * test.hertz / test.deviceRate;
  const Fit found = fit({heard.begin() + begin, heard.end()}, radians);
  EXPECT_GE(found.decibels, test.leastDecibels) << "dB of signal to noise and distortion";
  EXPECT_NEAR(20 * std::log10(found.amplitude / 0.5), 0, 0.1) << "dB of gain";

  const double delay = session.status().latency * test.deviceRate;  // frames
  const double expected = radians * (static_cast<double>(begin) - delay);
  const double off = std::remainder(found.phase - expected, 2 * std::numbers::pi) / radians;
  EXPECT_NEAR(off, 0, 0.1) << "frames between the latency told and that heard";
}

TEST_P(SessionAtAnotherRate, TakesFramesInStepWithTheDevice) {
  const Case& test = GetParam();
  std::mt19937_64 random(backline::test::seed());
  Mixer mixer(1, test.deviceRate);
  FakeSession session(1, test.sessionRate, test.deviceRate, 1024);
  ASSERT_TRUE(mixer.add(*session.voice));
  const auto second = sine(test.hertz, test.sessionRate, static_cast<std::uint32_t>(test.sessionRate) / 4, 1);
  session.write(second);
  std::uint64_t frames = 0;
  for (int callback = 0; callback < 400; ++callback) {
    const auto size = 1 + static_cast<std::uint32_t>(random() % 1024);
    const std::uint64_t before = session.status().playedFrames;
    render(mixer, size, size);
    frames += size;
    const auto taken = static_cast<double>(session.status().playedFrames);
    ASSERT_NEAR(taken, static_cast<double>(frames) * test.sessionRate / test.deviceRate, 3) << "frames after callback " << callback;
    ASSERT_LE(session.status().playedFrames - before, Voice::sessionFrames(size, test.sessionRate, test.deviceRate));
    const auto more = static_cast<std::uint32_t>(session.status().playedFrames - before);
    session.write(std::vector<float>(more, 0.1f));
  }
  EXPECT_EQ(session.status().underruns, 0u);
}

INSTANTIATE_TEST_SUITE_P(Rates, SessionAtAnotherRate,
                         testing::Values(Case{44100, 48000, 997, 100}, Case{44100, 48000, 15000, 90}, Case{48000, 44100, 997, 100},
                                         Case{48000, 44100, 15000, 90}, Case{96000, 48000, 997, 100}, Case{22050, 48000, 997, 100},
                                         Case{8000, 44100, 997, 100}));

TEST(RateConverter, AToneAboveTheDevicesBandIsGone) {
  Mixer mixer(1, 44100);
  FakeSession session(1, 96000, 44100, 1024);
  ASSERT_TRUE(mixer.add(*session.voice));
  session.write(sine(30000, 96000, 60000, 1));
  const auto heard = render(mixer, 20000, 1024);
  double energy = 0;
  for (std::size_t i = 4000; i < heard.size(); ++i) energy += double{heard[i]} * heard[i];
  const double decibels = 10 * std::log10(energy / static_cast<double>(heard.size() - 4000) / 0.125 + 1e-30);
  EXPECT_LE(decibels, -90) << "dB of alias against the tone";
}

TEST(RateConverter, AnUnderrunAtAnotherRateIsCountedAndHasNoClick) {
  Mixer mixer(1, 48000);
  FakeSession session(1, 44100, 48000, kCallback);
  ASSERT_TRUE(mixer.add(*session.voice));
  session.write(std::vector<float>(8 * kCallback, 1.0f));
  auto heard = render(mixer, 12 * kCallback);
  session.write(std::vector<float>(8 * kCallback, 1.0f));
  const auto back = render(mixer, 4 * kCallback);
  heard.insert(heard.end(), back.begin(), back.end());
  EXPECT_GT(session.status().underruns, 0u);
  double largest = 0;
  for (std::size_t i = 1000; i < heard.size(); ++i) largest = std::max(largest, std::fabs(double{heard[i]} - heard[i - 1]));
  EXPECT_LE(largest, 0.03);
}

TEST(RateConverter, RatesThatCannotBeJoinedAreNamed) {
  try {
    RateConverter(2, 0, 48000, 128);
    FAIL() << "it was made";
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("48000 Hz"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace backline::audioserver
