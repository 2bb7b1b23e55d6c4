#include "control/audio_playback_stats.h"

#include <gtest/gtest.h>

#include "tests/control/fake_session.h"

namespace backline {
namespace {

using test::FakeContext;

/// A context that has played ten seconds, and a clock that the test moves.
struct Playing {
  FakeContext fake;
  double now = 100;
  AudioPlaybackStats stats{fake->link(), [this] { return now; }};

  Playing() {
    fake.record->timing = {.frame = 480'480,
                           .state = session::State::running,
                           .outputLatency = 0.02,
                           .playedFrame = 480'000,
                           .underruns = 3,
                           .underrunFrames = 4800,
                           .latencySum = 0.03 * 48'000,
                           .latencyFrames = 48'000,
                           .latencyLeast = 0.025f,
                           .latencyMost = 0.5f};
  }
  session::Timing& timing() { return fake.record->timing; }
};

TEST(AudioPlaybackStats, TellUnderrunsAndLatencyOfWhatWasPlayed) {
  Playing playing;
  playing.now += 1;
  EXPECT_DOUBLE_EQ(playing.stats.underrunDuration(), 0.1);
  EXPECT_EQ(playing.stats.underrunEvents(), 3u);
  EXPECT_NEAR(playing.stats.totalDuration(), 10.01 + 0.1, 1e-9) << "the underruns' and currentTime";
  EXPECT_NEAR(playing.stats.averageLatency(), 0.03, 1e-9);
  EXPECT_FLOAT_EQ(static_cast<float>(playing.stats.minimumLatency()), 0.025f);
  EXPECT_FLOAT_EQ(static_cast<float>(playing.stats.maximumLatency()), 0.5f);
}

TEST(AudioPlaybackStats, ChangeOnceASecondAtMost) {
  Playing playing;
  EXPECT_EQ(playing.stats.underrunEvents(), 0u) << "no second is over yet";
  playing.now += 1;
  EXPECT_EQ(playing.stats.underrunEvents(), 3u);
  playing.timing().underruns = 8;
  playing.now += 0.9;
  EXPECT_EQ(playing.stats.underrunEvents(), 3u);
  playing.now += 0.2;
  EXPECT_EQ(playing.stats.underrunEvents(), 8u);
}

TEST(AudioPlaybackStats, StandStillWhileTheContextDoes) {
  Playing playing;
  playing.timing().state = session::State::suspended;
  playing.now += 5;
  EXPECT_EQ(playing.stats.underrunEvents(), 0u);
  playing.stats.catchUp();
  EXPECT_EQ(playing.stats.underrunEvents(), 3u) << "what happened until it stopped counts";
}

TEST(AudioPlaybackStats, AResetStartsAtTheLatencyOfTheLastFramePlayed) {
  Playing playing;
  playing.now += 1;
  EXPECT_FLOAT_EQ(static_cast<float>(playing.stats.maximumLatency()), 0.5f);
  playing.stats.resetLatency();
  EXPECT_TRUE(playing.fake.record->latencyReset);
  for (const double latency : {playing.stats.averageLatency(), playing.stats.minimumLatency(), playing.stats.maximumLatency()})
    EXPECT_NEAR(latency, 0.03, 1e-9) << "10 ms in the ring, 20 ms in the device";
  EXPECT_EQ(playing.stats.underrunEvents(), 3u) << "only the latency begins anew";
}

TEST(AudioPlaybackStats, ANewContextHasPlayedNothing) {
  FakeContext fake;
  double now = 0;
  AudioPlaybackStats stats(fake->link(), [&now] { return now; });
  now = 2;
  stats.resetLatency();
  EXPECT_EQ(stats.averageLatency(), 0);
  EXPECT_EQ(stats.totalDuration(), 0);
}

TEST(AudioPlaybackStats, EveryContextHasOne) {
  FakeContext fake;
  EXPECT_NE(fake->playbackStats(), nullptr);
  EXPECT_EQ(fake->playbackStats(), fake->playbackStats());
}

}  // namespace
}  // namespace backline
