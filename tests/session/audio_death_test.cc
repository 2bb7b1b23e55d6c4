// The audio server is killed while it plays, and another goes on.

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/session/playing.h"
#include "transport/ring_stream.h"

namespace backline {
namespace {

using namespace test;

int killAudio(Playing& playing) {
  const int pid = playing.engine().helpers().audioPid;
  EXPECT_GT(pid, 0);
  kill(pid, SIGKILL);
  return pid;
}

/// Waits until another audio server than `before` runs.
void awaitAnother(Playing& playing, int before) {
  ASSERT_TRUE(comesTrue([&] {
    const int pid = playing.engine().helpers().audioPid;
    return pid > 0 && pid != before;
  })) << "no other server was started";
}

TEST(AudioDeath, ASessionPlaysOnAtTheNextServerAndItsTapGoesOnInTheSameFile) {
  Playing playing("virtual", "audio-death");
  std::uint64_t frame = 0, played = 0;
  for (int death = 0; death < 3; ++death) {
    const int before = killAudio(playing);
    awaitAnother(playing, before);
    playing.goesOn();
    const session::Timing timing = playing.session().timing();
    EXPECT_GT(timing.frame, frame) << "context time goes on";
    EXPECT_GT(timing.playedFrame, played) << "played frames are counted on";
    EXPECT_EQ(timing.state, session::State::running);
    frame = timing.frame;
    played = timing.playedFrame;
  }
  const Recording heard = playing.end();
  EXPECT_GE(heard.frames() + 3 * 4800, played) << "the tap lost more than what was on its way to the disk";
}

TEST(AudioDeath, OneThatDiesAgainAndAgainIsOneClearError) {
  Playing playing("virtual", "audio-deaths");
  Notices notices(playing.session());
  int before = 0;
  for (int death = 0; death < 5; ++death) {
    before = killAudio(playing);
    if (death < 4) awaitAnother(playing, before);
  }
  const render::NoticeRecord* failed = notices.await<render::SessionFailed>();
  ASSERT_NE(failed, nullptr);
  const std::string reason = std::get<render::SessionFailed>(failed->body).reason;
  EXPECT_NE(reason.find("was ended by signal 9"), std::string::npos) << reason;
  EXPECT_NE(reason.find("5th in a row"), std::string::npos) << reason;
  try {
    playing.engine().finishTap();
    ADD_FAILURE() << "the tap is said to be whole";
  } catch (const session::EngineError& error) {
    EXPECT_NE(std::string(error.what()).find("signal 9"), std::string::npos) << error.what();
  }
}

TEST(AudioDeath, AServerThatIsStoppedForABlinkGoesOnAndOneThatStaysStoppedIsReplaced) {
  Playing playing("virtual", "audio-stopped");
  const int pid = playing.engine().helpers().audioPid;
  {
    const Stopped stopped(pid);
  }
  playing.goesOn();
  EXPECT_EQ(playing.engine().helpers().audioPid, pid);
  kill(pid, SIGSTOP);
  awaitAnother(playing, pid);
  EXPECT_TRUE(gone(pid));
  playing.goesOn();
  playing.end();
}

TEST(AudioDeath, ACaptureGoesOnInTheSameRingInAnotherGeneration) {
  Playing playing("virtual", "audio-death-capture");
  const auto capture = playing.engine().openCapture({.device = "virtual", .channels = 1, .overflow = transport::Overflow::dropOldest});
  std::atomic<bool> lost{false};
  capture->onLost([&](const std::string&) { lost = true; });
  transport::RingReader reader(transport::SharedMemory::map(capture->ring().duplicate()));
  ASSERT_TRUE(comesTrue([&] { return reader.available() > 4800; }));
  transport::TimelineMark first, second;
  ASSERT_TRUE(reader.mark(first));
  killAudio(playing);
  ASSERT_TRUE(comesTrue([&] { return reader.mark(second) && second.generation > first.generation; })) << "nothing fills the ring any more";
  EXPECT_GE(second.frame, first.frame);
  EXPECT_GT(second.nanoseconds, first.nanoseconds);
  EXPECT_GT(capture->lostFrames(), 0u);
  std::vector<float> heard(1 << 16);
  reader.read(heard.data(), 1 << 16);
  ASSERT_TRUE(comesTrue([&] { return reader.available() > 9600; }));
  heard.resize(reader.read(heard.data(), 1 << 16));
  EXPECT_GT(*std::max_element(heard.begin(), heard.end()), 0.4f) << "the tone is captured again";
  EXPECT_FALSE(lost.load());
}

TEST(AudioDeath, SessionsOpenedAndClosedMeanwhileAreOpenedAndClosed) {
  Playing playing("virtual", "audio-death-churn");
  for (int i = 0; i < 6; ++i) {
    if (i % 3 == 0) killAudio(playing);
    try {
      auto session = playing.engine().open({.sampleRate = kRate});
      session->commit(tone());
    } catch (const session::EngineError& error) {
      EXPECT_NE(std::string(error.what()).find("was ended by signal 9"), std::string::npos) << error.what();
    }
  }
  playing.goesOn();
}

}  // namespace
}  // namespace backline
