#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <thread>

#include "render/nodes/hrtf_panner.h"
#include "render/nodes/list.h"
#include "tests/dsp/spectrum.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using render::Activity;
using Samples = std::vector<float>;

enum { kX, kY, kZ };
enum { kPanningModel, kDistanceModel, kRefDistance, kMaxDistance, kRolloffFactor };
constexpr float kRate = 48000;
constexpr double kPi = std::numbers::pi;

/// A PannerNode with HRTF, as the compiler would set it up.
struct HrtfPanner {
  explicit HrtfPanner(std::uint32_t quantum = 128, float rate = kRate, bool live = false) : harness(render::kPanner, rate, quantum) {
    std::vector<render::Field> fields(render::kPanner.fields.size());
    fields[kPanningModel].number = 1;
    prepared = render::kPanner.prepare({rate, quantum, {}, live}, kPanningModel, fields);
    harness.field(kPanningModel, 1).field(kPanningModel, prepared.get()).field(kRolloffFactor, 0.0);
  }
  NodeHarness& at(double azimuth) {
    return harness.param(kX, static_cast<float>(std::sin(azimuth * kPi / 180))).param(kZ, static_cast<float>(-std::cos(azimuth * kPi / 180)));
  }
  NodeHarness harness;
  std::shared_ptr<render::Resource> prepared;
};

std::function<float(std::uint32_t, double)> tone(double hertz) {
  return [hertz](std::uint32_t, double frame) { return static_cast<float>(std::sin(2 * kPi * hertz / static_cast<double>(kRate) * frame)); };
}

double levelOf(std::span<const float> samples) {
  double sum = 0;
  for (const float sample : samples) sum += static_cast<double>(sample) * static_cast<double>(sample);
  return 10 * std::log10(sum / static_cast<double>(samples.size()) + 1e-30);
}

TEST(PannerHrtf, IsLouderInTheEarThatIsNearer) {
  for (const std::uint32_t quantum : kQuanta) {
    HrtfPanner panner(quantum);
    panner.at(90).input(1, tone(3000));
    const Samples left = panner.harness.play(4096);
    HrtfPanner again(quantum);
    again.at(90).input(1, tone(3000));
    const Samples right = again.harness.play(4096, 1);
    EXPECT_GT(levelOf(std::span(right).subspan(1024)) - levelOf(std::span(left).subspan(1024)), 6) << "quanta of " << quantum;
  }
}

TEST(PannerHrtf, SoundsTheSameInQuantaOfAnySizeWhileItStands) {
  Samples expected;
  for (const std::uint32_t quantum : kQuanta) {
    HrtfPanner panner(quantum);
    panner.at(-35).input(1, tone(700));
    const Samples out = panner.harness.play(1000);
    if (expected.empty()) expected = out;
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], expected[i], 2e-6) << "quanta of " << quantum << ", frame " << i;
  }
}

/// The largest change of the second difference of a tone's samples, against the tone standing still: what a click would stand out in.
double roughness(const Samples& samples) {
  double most = 0;
  for (std::size_t i = 1024; i + 2 < samples.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(samples[i]) - 2 * static_cast<double>(samples[i + 1]) + static_cast<double>(samples[i + 2])));
  return most;
}

TEST(PannerHrtf, MovesWithoutAClick) {
  // Round the head in half a second, one direction a quantum; and from one ear to the other at once.
  HrtfPanner still;
  still.at(90).input(1, tone(400));
  const double calm = roughness(still.harness.play(24000, 1));
  for (const bool jumps : {false, true}) {
    HrtfPanner panner;
    panner.harness.input(1, tone(400));
    Samples right;
    for (int quantum = 0; quantum < 190; ++quantum) {
      panner.at(jumps ? (quantum / 16 % 2 == 0 ? -90 : 90) : quantum * 360.0 / 190).step();
      const float* samples = panner.harness.output().channel(1);
      right.insert(right.end(), samples, samples + 128);
    }
    EXPECT_LT(decibels(roughness(right) / calm), jumps ? 2 : 1) << (jumps ? "jumping" : "going round");
  }
}

TEST(PannerHrtf, FadesToTheDirectionOfAJumpWithin512Frames) {
  HrtfPanner panner, there;
  panner.at(-60).input(1, tone(1000));
  there.at(60).input(1, tone(1000));
  for (int i = 0; i < 8; ++i) panner.harness.step(), there.harness.step();
  panner.at(60);
  panner.harness.step(), there.harness.step();
  EXPECT_GT(std::abs(panner.harness.output().channel(0)[0] - there.harness.output().channel(0)[0]), 0.01f) << "it fades";
  for (int i = 0; i < 4; ++i) panner.harness.step(), there.harness.step();
  for (std::uint32_t i = 0; i < 128; ++i) ASSERT_NEAR(panner.harness.output().channel(0)[i], there.harness.output().channel(0)[i], 1e-6f) << i;
}

TEST(PannerHrtf, IsHeardWithEqualPowerUntilItsTableIsThereAndFadesFromIt) {
  constexpr float kOwnRate = 50021;   // no other test has its table
  constexpr int kFade = 2048 / 128;
  HrtfPanner live(128, kOwnRate, true);
  const auto& responses = static_cast<const render::HrtfPanner&>(*live.prepared);
  NodeHarness equalPower(render::kPanner, kOwnRate);
  equalPower.field(kRolloffFactor, 0.0).param(kX, 1.0f).param(kZ, 0.0f).input(1, tone(400));
  live.harness.param(kX, 1.0f).param(kZ, 0.0f).input(1, tone(400));
  Samples right;
  const auto step = [&] {
    live.harness.step(), equalPower.step();
    right.insert(right.end(), live.harness.output().channel(1), live.harness.output().channel(1) + 128);
  };
  int before = 0;
  for (; !responses.isReady(); ++before) {
    step();
    if (responses.isReady()) break;
    for (std::uint32_t i = 0; i < 128; ++i) ASSERT_EQ(live.harness.output().channel(1)[i], equalPower.output().channel(1)[i]);
    std::this_thread::yield();
  }
  EXPECT_GT(before, 0) << "the table was there at once";
  HrtfPanner settled(128, kOwnRate);
  settled.harness.param(kX, 1.0f).param(kZ, 0.0f).input(1, tone(400));
  settled.harness.skipTo(live.harness.frame());
  for (int i = 0; i < kFade + 2; ++i) step(), settled.harness.step();
  for (std::uint32_t i = 0; i < 128; ++i) ASSERT_NEAR(live.harness.output().channel(1)[i], settled.harness.output().channel(1)[i], 1e-6f);
  const Samples still = settled.harness.play(24000, 1);
  EXPECT_LT(decibels(roughness({right.end() - std::min<std::ptrdiff_t>(128 * (kFade + 12) + 1024, std::ssize(right)), right.end()}) / roughness(still)), 1);
}

TEST(PannerHrtf, ChangesItsDistanceWithoutAStep) {
  HrtfPanner panner;
  panner.harness.field(kRolloffFactor, 1).param(kZ, -1).input(1, [](std::uint32_t, double) { return 1.0f; });
  for (int i = 0; i < 8; ++i) panner.harness.step();
  const float before = panner.harness.output().channel(0)[127];
  panner.harness.param(kZ, -4).step();
  float last = before;
  for (std::uint32_t i = 0; i < 128; ++i) {
    const float now = panner.harness.output().channel(0)[i];
    ASSERT_LT(std::abs(now - last), std::abs(before) / 64) << "frame " << i;
    last = now;
  }
  EXPECT_NEAR(last, before / 4, std::abs(before) * 1e-4f);
}

TEST(PannerHrtf, LetsEachEarHearItsOwnChannelOfAStereoSource) {
  HrtfPanner panner;
  panner.at(0).input(2, [](std::uint32_t channel, double frame) { return channel == 0 ? tone(500)(0, frame) : 0.0f; });
  for (int i = 0; i < 8; ++i) panner.harness.step();
  EXPECT_GT(levelOf({panner.harness.output().channel(0), 128}), -20);
  EXPECT_LT(levelOf({panner.harness.output().channel(1), 128}), -200);
}

TEST(PannerHrtf, SoundsOnForItsTailInBothEarsAndIsIdleThen) {
  HrtfPanner panner;
  panner.at(-90).input(2, tone(500));
  for (int i = 0; i < 8; ++i) panner.harness.step();
  const float last = panner.harness.output().channel(1)[127];
  panner.harness.input(0, {});
  EXPECT_EQ(panner.harness.step(), Activity::active);
  EXPECT_EQ(panner.harness.output().channels, 2);
  EXPECT_NEAR(panner.harness.output().channel(1)[0], last, 0.1f) << "the right channel's tail is there";
  int quanta = 1;
  while (panner.harness.step() == Activity::active) ++quanta;
  EXPECT_EQ(quanta, 2) << "of some 5 ms";
  panner.harness.input(1, [](std::uint32_t, double) { return 0.0f; });
  EXPECT_EQ(panner.harness.step(), Activity::active);
  for (std::uint32_t i = 0; i < 256; ++i) ASSERT_EQ(panner.harness.output().data[i], 0) << "something of the past is left";
}

TEST(PannerHrtf, TurnsFromStereoToMonoAndBackWithoutAStep) {
  HrtfPanner panner;
  panner.at(20).input(2, tone(300));
  Samples right;
  for (int quantum = 0; quantum < 40; ++quantum) {
    panner.harness.input(quantum / 5 % 2 == 0 ? 2 : 1, tone(300));
    panner.harness.step();
    const float* samples = panner.harness.output().channel(1);
    right.insert(right.end(), samples, samples + 128);
  }
  HrtfPanner still;
  still.at(20).input(1, tone(300));
  EXPECT_LT(decibels(roughness(right) / roughness(still.harness.play(5120, 1))), 0.5);
}

}  // namespace
}  // namespace backline::test
