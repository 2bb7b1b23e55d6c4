// Two voices of one session, of which the second takes over the page of the first.

#include <gtest/gtest.h>

#include <cmath>

#include "audioserver/gap_fade.h"
#include "fake_session.h"
#include "tests/support/seed.h"

namespace backline::audioserver {
namespace {

using namespace test;
using transport::WriterState;

class MovesTest : public testing::Test {
 protected:
  MovesTest() { EXPECT_TRUE(first.add(*before.voice)); }
  void leave() {
    before.voice->close();
    first.settle();
  }
  Mixer first{2, kRate}, second{2, kRate};
  FakeSession before;
  FakeSession after{before};
  std::mt19937_64 random{backline::test::seed()};
};

TEST_F(MovesTest, TheFiguresGoOnWhereTheyWere) {
  EXPECT_TRUE(second.add(*after.voice));
  before.write(noise(random, 2 * 3 * kCallback));
  render(first, 5 * kCallback);   // two of them are an underrun
  const ipc::OutputStatus left = before.status();
  EXPECT_EQ(left.playedFrames, 3 * kCallback);
  EXPECT_EQ(left.underruns, 1u);
  leave();
  second.setLatency(0.02);
  after.write(noise(random, 2 * 4 * kCallback));
  render(second, 4 * kCallback);
  const ipc::OutputStatus status = after.status();
  EXPECT_EQ(status.playedFrames, 7 * kCallback);
  EXPECT_EQ(status.underruns, left.underruns);
  EXPECT_EQ(status.underrunFrames, left.underrunFrames);
  EXPECT_EQ(status.latencyFrames, left.latencyFrames + 4 * kCallback);
  EXPECT_FLOAT_EQ(status.latency, 0.02f);
}

TEST_F(MovesTest, ThePageIsLeftToTheVoiceBeforeUntilTheNewRingHasAWriter) {
  EXPECT_TRUE(second.add(*after.voice));
  before.write(noise(random, 2 * 8 * kCallback));
  for (std::uint32_t callback = 1; callback <= 4; ++callback) {
    render(first, kCallback);
    const std::uint64_t version = before.page.version();
    render(second, 3 * kCallback);
    EXPECT_EQ(before.page.version(), version);
    EXPECT_EQ(before.status().playedFrames, callback * kCallback);
  }
}

TEST_F(MovesTest, AVoiceThatIsClosedTakesNothingAndPublishesNothing) {
  before.write(std::vector<float>(2 * 8 * kCallback, 0.5f));
  render(first, 2 * kCallback);
  leave();
  const std::uint64_t version = before.page.version(), consumed = before.writer.consumed();
  const auto fade = render(first, 2 * kCallback);
  EXPECT_GT(fade[0], 0.49f) << "it broke off";
  EXPECT_EQ(fade[2 * kFadeFrames], 0.0f);
  EXPECT_EQ(before.page.version(), version);
  EXPECT_EQ(before.writer.consumed(), consumed);
  EXPECT_TRUE(before.voice->finished());
}

TEST_F(MovesTest, WhatHasSoundedBeforeRisesFromSilenceAndWhatHasNotPassesBitForBit) {
  EXPECT_TRUE(second.add(*after.voice));
  const std::vector<float> loud(2 * 2 * kCallback, 0.5f);
  before.write(loud);
  render(first, kCallback);
  leave();
  after.write(loud);
  const auto heard = render(second, 2 * kCallback);
  EXPECT_LT(heard[0], 0.01f);
  for (std::uint32_t i = 1; i < kFadeFrames; ++i) EXPECT_LE(std::fabs(heard[2 * i] - heard[2 * i - 2]), 0.5f * 1.6f / kFadeFrames) << "frame " << i;
  for (std::uint32_t i = kFadeFrames; i < 2 * kCallback; ++i) ASSERT_EQ(heard[2 * i], 0.5f) << "frame " << i;

  FakeSession unheard;
  FakeSession moved(unheard);
  Mixer third(2, kRate);
  EXPECT_TRUE(third.add(*moved.voice));
  const auto sound = noise(random, 2 * 2 * kCallback);
  moved.write(sound);
  expectSameBits(render(third, 2 * kCallback), sound, 2);
}

TEST_F(MovesTest, ASessionThatMovesWhileItIsPausedShowsItsNewLatency) {
  EXPECT_TRUE(second.add(*after.voice));
  leave();
  second.setLatency(0.05);
  after.writer.setState(WriterState::paused);
  render(second, kCallback);
  EXPECT_FLOAT_EQ(after.status().latency, 0.05f);
  EXPECT_EQ(after.status().underruns, 0u);
}

}  // namespace
}  // namespace backline::audioserver
