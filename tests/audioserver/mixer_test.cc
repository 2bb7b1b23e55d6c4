#include "audioserver/mixer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "fake_session.h"
#include "tests/support/seed.h"

namespace backline::audioserver {
namespace {

using namespace test;
using transport::WriterState;

class MixerTest : public testing::Test {
 protected:
  void play(FakeSession& session) { ASSERT_TRUE(mixer.add(*session.voice)); }
  Mixer mixer{2, kRate};
  std::mt19937_64 random{backline::test::seed()};
};

TEST_F(MixerTest, OneSessionPassesBitForBitInCallbacksOfAnySize) {
  FakeSession session;
  play(session);
  const auto sound = noise(random, 2 * 20000);
  session.write(sound);
  std::vector<float> heard;
  while (heard.size() < sound.size()) {
    const auto left = static_cast<std::uint32_t>((sound.size() - heard.size()) / 2);
    const auto part = render(mixer, std::min(left, 1 + static_cast<std::uint32_t>(random() % 3000)), 3000);
    heard.insert(heard.end(), part.begin(), part.end());
  }
  expectSameBits(heard, sound, 2);
  EXPECT_EQ(session.status().underruns, 0u);
  EXPECT_EQ(session.status().playedFrames, 20000u);
}

TEST_F(MixerTest, SessionsAreSummedSampleExact) {
  FakeSession first, second, third;
  play(first);
  play(second);
  play(third);
  const auto a = noise(random, 2 * 4096), b = noise(random, 2 * 4096), c = noise(random, 2 * 4096);
  first.write(a);
  second.write(b);
  third.write(c);
  std::vector<float> sum(a.size());
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = (a[i] + b[i]) + c[i];
  expectSameBits(render(mixer, 4096), sum, 2);
}

TEST_F(MixerTest, SamplesBeyondFullScaleAreNotClippedInTheMix) {
  FakeSession session;
  play(session);
  const std::vector<float> loud(2 * kCallback, 1.5f);
  session.write(loud);
  expectSameBits(render(mixer, kCallback), loud, 2);
  EXPECT_EQ(session.status().peak[0], 1.5f);
}

TEST_F(MixerTest, ASessionJoinsWhenItsRingHoldsWhatACallbackTakes) {
  FakeSession session;
  play(session);
  session.write(std::vector<float>(2 * (kCallback - 1), 0.25f));
  expectSameBits(render(mixer, kCallback), std::vector<float>(2 * kCallback, 0.0f), 2);
  EXPECT_EQ(session.status().playedFrames, 0u);
  session.write(std::vector<float>(2, 0.25f));
  expectSameBits(render(mixer, kCallback), std::vector<float>(2 * kCallback, 0.25f), 2);
  EXPECT_EQ(session.status().underruns, 0u);
}

TEST_F(MixerTest, AWriterThatHasNotStartedIsSilentWithoutUnderrun) {
  FakeSession session;
  play(session);
  const std::vector<float> sound(2 * 2 * kCallback, 0.25f);
  ASSERT_EQ(session.writer.write(sound.data(), 2 * kCallback), 2 * kCallback);
  expectSameBits(render(mixer, kCallback), std::vector<float>(2 * kCallback, 0.0f), 2);
  EXPECT_EQ(session.status().underruns, 0u);
}

TEST_F(MixerTest, ASoundShorterThanACallbackThatHasEndedIsPlayed) {
  FakeSession session;
  play(session);
  session.write(std::vector<float>(2 * 10, 0.25f));
  session.writer.setState(WriterState::ended);
  const auto heard = render(mixer, kCallback);
  EXPECT_EQ(heard[0], 0.25f);
  EXPECT_EQ(session.status().playedFrames, 10u);
  EXPECT_EQ(session.status().underruns, 0u);
}

double largestStep(const std::vector<float>& interleaved, float before) {
  double largest = 0;
  double previous = before;
  for (std::size_t i = 0; i < interleaved.size(); i += 2) {
    largest = std::max(largest, std::fabs(interleaved[i] - previous));
    previous = interleaved[i];
  }
  return largest;
}

// Half a cosine over 64 frames takes steps of at most π / 128 of its height.
constexpr double kFadeStep = 0.025;

TEST_F(MixerTest, AnUnderrunIsCountedAndHasNoClickOnEitherSide) {
  FakeSession session;
  play(session);
  session.write(std::vector<float>(2 * (kCallback + 100), 1.0f));
  auto heard = render(mixer, 3 * kCallback);
  EXPECT_EQ(session.status().underruns, 1u) << "one gap, though two callbacks met it";
  EXPECT_EQ(session.status().underrunFrames, 2 * kCallback - 100);
  EXPECT_EQ(session.status().playedFrames, kCallback + 100);
  session.write(std::vector<float>(2 * 2 * kCallback, 1.0f));
  const auto back = render(mixer, 2 * kCallback);
  heard.insert(heard.end(), back.begin(), back.end());
  EXPECT_LE(largestStep(heard, 1.0f), kFadeStep);
  EXPECT_EQ(heard[2 * (kCallback + 100 + kFadeFrames)], 0.0f) << "not silent after the fade";
  EXPECT_EQ(heard.back(), 1.0f) << "not back at full height";
}

TEST_F(MixerTest, APauseIsSilentUncountedAndWithoutClick) {
  FakeSession session;
  play(session);
  session.write(std::vector<float>(2 * (kCallback + 10), 1.0f));
  session.writer.setState(WriterState::paused);
  auto heard = render(mixer, 4 * kCallback);
  // Running again, but the ring not yet filled: still no underrun.
  session.write(std::vector<float>(2 * 5, 1.0f));
  auto part = render(mixer, kCallback);
  heard.insert(heard.end(), part.begin(), part.end());
  session.write(std::vector<float>(2 * 2 * kCallback, 1.0f));
  part = render(mixer, 2 * kCallback);
  heard.insert(heard.end(), part.begin(), part.end());
  EXPECT_LE(largestStep(heard, 1.0f), kFadeStep);
  EXPECT_EQ(heard.back(), 1.0f);
  EXPECT_EQ(session.status().underruns, 0u);
}

TEST_F(MixerTest, AClosedSessionFadesFromItsLastPlayedFrameThoughItsRingIsEmpty) {
  FakeSession session;
  play(session);
  session.write(std::vector<float>(2 * kCallback, 1.0f));
  auto heard = render(mixer, kCallback);
  session.voice->close();
  EXPECT_FALSE(session.voice->finished());
  const auto tail = render(mixer, 2 * kCallback);
  EXPECT_LE(largestStep(tail, 1.0f), kFadeStep);
  EXPECT_EQ(tail.back(), 0.0f);
  EXPECT_TRUE(session.voice->finished());
  EXPECT_EQ(session.status().underruns, 0u);
}

TEST_F(MixerTest, ASessionThatNeverPlayedIsFinishedAtOnceWhenClosed) {
  FakeSession session;
  play(session);
  session.voice->close();
  render(mixer, kCallback);
  EXPECT_TRUE(session.voice->finished());
}

TEST_F(MixerTest, SamplesThatAreNoNumbersSpoilNobodyElse) {
  FakeSession bad, good;
  play(bad);
  play(good);
  bad.write(std::vector<float>(2 * kCallback, std::numeric_limits<float>::quiet_NaN()));
  const auto sound = noise(random, 2 * kCallback);
  good.write(sound);
  const auto heard = render(mixer, kCallback);
  for (std::size_t i = 0; i < heard.size(); ++i) ASSERT_EQ(heard[i], sound[i]) << "frame " << i / 2;
}

TEST_F(MixerTest, ARingWithNonsenseForCountersSpoilsOnlyItsOwnSession) {
  FakeSession bad, good;
  play(bad);
  play(good);
  bad.write(std::vector<float>(2 * 2048, 0.0f));
  const auto sound = noise(random, 2 * 32 * kCallback);
  good.write(sound);
  std::vector<float> heard;
  for (int callback = 0; callback < 32; ++callback) {
    const auto part = render(mixer, kCallback);
    heard.insert(heard.end(), part.begin(), part.end());
    // Everything before the samples but the first line, which holds what was checked when the ring was taken over.
    const auto bytes = bad.writer.memory().bytes();
    const std::size_t samples = std::size_t{bad.writer.format().capacityFrames} * 2 * sizeof(float);
    for (std::size_t at = 64; at < bytes.size() - samples; ++at) bytes[at] = static_cast<std::byte>(random());
  }
  for (std::size_t i = 0; i < heard.size(); ++i) ASSERT_EQ(heard[i], sound[i]) << "frame " << i / 2;
  EXPECT_EQ(good.status().underruns, 0u);
}

TEST_F(MixerTest, TheWriterIsToldWhenFramesWereTakenAndOnlyThen) {
  FakeSession session;
  play(session);
  render(mixer, kCallback);
  EXPECT_FALSE(session.refill.drain());
  session.write(std::vector<float>(2 * kCallback, 0.5f));
  render(mixer, kCallback);
  EXPECT_TRUE(session.refill.drain());
  render(mixer, kCallback);
  EXPECT_FALSE(session.refill.drain());
}

TEST_F(MixerTest, EveryCallbackPublishesItsTimeAndTheDevicesLatency) {
  FakeSession session;
  play(session);
  mixer.setLatency(0.25);
  render(mixer, kCallback);
  const auto first = session.status();
  render(mixer, kCallback);
  const auto second = session.status();
  EXPECT_GT(first.nanoseconds, 0);
  EXPECT_GE(second.nanoseconds, first.nanoseconds);
  EXPECT_EQ(first.latency, 0.25f);
  EXPECT_EQ(first.deviceAlive, 1u);
  session.voice->publishGone();
  EXPECT_EQ(session.status().deviceAlive, 0u);
}

TEST_F(MixerTest, MonoIsHeardOnBothSidesOfAStereoDevice) {
  FakeSession session(1);
  play(session);
  session.write(std::vector<float>(kCallback, 0.5f));
  expectSameBits(render(mixer, kCallback), std::vector<float>(2 * kCallback, 0.5f), 2);
}

TEST_F(MixerTest, FiveOneIsFoldedDownByTheSpeakersRule) {
  FakeSession session(6);
  play(session);
  std::vector<float> centre(6 * kCallback, 0.0f);
  for (std::size_t i = 2; i < centre.size(); i += 6) centre[i] = 1.0f;
  session.write(centre);
  const auto heard = render(mixer, kCallback);
  EXPECT_FLOAT_EQ(heard[0], static_cast<float>(std::sqrt(0.5)));
  EXPECT_EQ(heard[0], heard[1]);
}

TEST_F(MixerTest, TheSixtyFifthSessionIsRefused) {
  std::vector<std::unique_ptr<FakeSession>> sessions;
  for (std::uint32_t i = 0; i < Mixer::kMaxVoices; ++i) {
    sessions.push_back(std::make_unique<FakeSession>(1));
    ASSERT_TRUE(mixer.add(*sessions.back()->voice));
  }
  FakeSession more(1);
  EXPECT_FALSE(mixer.add(*more.voice));
  mixer.remove(*sessions.front()->voice);
  EXPECT_TRUE(mixer.add(*more.voice));
}

TEST_F(MixerTest, SessionsComeAndGoWhileTheDeviceCallsBack) {
  std::atomic<bool> over{false};
  std::atomic<int> callbacks{0};
  std::thread device([&] {
    std::vector<float> out(2 * kCallback);
    while (!over) {
      mixer.render(out.data(), kCallback);
      ++callbacks;
      std::this_thread::yield();
    }
  });
  for (int i = 0; i < 200 || callbacks < 200; ++i) {
    FakeSession session;
    ASSERT_TRUE(mixer.add(*session.voice));
    session.write(std::vector<float>(2 * 2 * kCallback, 0.1f));
    if (i % 2 == 0) session.voice->close();
    mixer.remove(*session.voice);  // and the session is freed at once
  }
  over = true;
  device.join();
}

}  // namespace
}  // namespace backline::audioserver
