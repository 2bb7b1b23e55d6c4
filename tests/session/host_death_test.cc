// A render host that dies, or shows no life, while sessions play. The control thread does nothing meanwhile unless a test says so.
#include <cmath>
#include <optional>
#include <set>

#include "tests/session/rig.h"
#include "transport/ring_stream.h"

namespace backline::test {
namespace {

using namespace render;
using session::Engine;

/// A session with a tap that plays what `build` makes.
struct Program {
  template <class Build>
  Program(const std::string& name, Build build, session::EngineOptions with = options("virtual")) : tap(name), engine(tapped(with, tap)), session(engine.open({.sampleRate = kRate})), notices(std::in_place, *session) {
    batch.node(1, kDestination);
    build(*this);
    session->commit(batch.run().takeBytes());
    EXPECT_TRUE(notices->awaitState(1));
    pids = engine.helpers();
  }
  static session::EngineOptions tapped(session::EngineOptions options, const TemporaryFile& tap) {
    options.tapPath = tap.path;
    return options;
  }

  bool plays(std::uint64_t frames) {
    const std::uint64_t from = session->timing().playedFrame;
    return comesTrue([&] { return session->timing().playedFrame > from + frames; });
  }
  /// Kills the render host and waits until the next one plays.
  void killHost() {
    const int pid = engine.helpers().renderPid;
    const std::uint64_t frame = session->timing().frame;
    kill(pid, SIGKILL);
    EXPECT_NE(notices->await<SessionInterrupted>(), nullptr);
    EXPECT_TRUE(notices->awaitState(1)) << "the session never came back";
    notices->forget();
    EXPECT_NE(engine.helpers().renderPid, pid);
    EXPECT_TRUE(comesTrue([&] { return session->timing().frame > frame; }));
    EXPECT_TRUE(gone(pid));
  }
  /// What went to the device.
  Recording heard() {
    notices.reset();
    session.reset();
    engine.finishTap();
    return readWav(tap.path);
  }

  const TemporaryFile tap;
  Engine engine;
  Batch batch;
  std::unique_ptr<session::Session> session;
  std::optional<Notices> notices;   // goes before the session
  Engine::Helpers pids;
};

void constantTone(Program& playing) { playing.batch.node(2, kConstantSource).connect(2, 1).setValue(2, 0, 0.5f, 0).start(2, 0); }

/// The largest step between samples that follow each other, of the first channel.
float largestStep(const Recording& recording) {
  float largest = 0;
  for (std::size_t i = 1; i < recording.frames(); ++i) largest = std::max(largest, std::abs(recording.at(i, 0) - recording.at(i - 1, 0)));
  return largest;
}

TEST(HostDeath, TheSoundFadesOutAndInAndGoesOnWithoutTheControlThread) {
  Program playing("host-death", constantTone);
  ASSERT_TRUE(playing.plays(9600));
  kill(playing.pids.renderPid, SIGKILL);
  std::uint64_t frame = playing.session->timing().frame;
  // Nobody takes notices or commits anything.
  ASSERT_TRUE(comesTrue([&] {
    const std::uint64_t now = playing.session->timing().frame;
    EXPECT_GE(now, frame) << "time went back";
    frame = std::max(frame, now);
    return playing.engine.helpers().renderPid != playing.pids.renderPid && playing.engine.helpers().renderPid > 0;
  }));
  ASSERT_TRUE(playing.plays(9600));
  const Recording heard = playing.heard();
  EXPECT_LT(largestStep(heard), 0.05f) << "a click: the tone has no step of its own";
  EXPECT_FLOAT_EQ(heard.at(9600, 0), 0.5f);
  EXPECT_FLOAT_EQ(heard.at(heard.frames() - 4800, 0), 0.5f) << "the tone is back";
}

TEST(HostDeath, EverySessionComesBackWithItsGraphAndWhatIsCommittedMeanwhile) {
  Program playing("host-death-graph", constantTone);
  auto other = playing.engine.open({.sampleRate = 44100, .quantum = 256});
  Notices notices(*other);
  Batch batch;
  other->commit(batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).setValue(2, 0, 0.25f, 0).start(2, 0).run().takeBytes());
  ASSERT_TRUE(notices.awaitState(1));
  ASSERT_TRUE(playing.plays(4800));
  kill(playing.pids.renderPid, SIGKILL);
  // Changes of all kinds while there is no host: a new node, a buffer, a value.
  const std::vector<float> samples(480, 0.125f);
  const float* const channels[] = {samples.data()};
  playing.session->shareBuffer(9, kRate, samples.size(), channels);
  playing.session->commit(playing.batch.node(3, kAudioBufferSource).connect(3, 1).add(3, SetField{0, 9}).start(3, 0).takeBytes());
  playing.session->commit(playing.batch.setValue(2, 0, 0.25f, 0).takeBytes());
  const NoticeRecord* ended = playing.notices->await<Ended>();
  ASSERT_NE(ended, nullptr) << "what was committed meanwhile is lost";
  EXPECT_EQ(ended->target, 3u);
  EXPECT_NE(playing.notices->await<SessionInterrupted>(), nullptr);
  EXPECT_NE(notices.await<SessionInterrupted>(), nullptr);
  EXPECT_TRUE(notices.awaitState(1));
  const std::uint64_t played = other->timing().playedFrame;
  EXPECT_TRUE(comesTrue([&] { return other->timing().playedFrame > played + 4410; }));
  ASSERT_TRUE(playing.plays(9600));
  const Recording heard = playing.heard();
  EXPECT_NEAR(heard.at(heard.frames() - 4800, 0), 0.5f, 1e-3f) << "a quarter of each";
}

TEST(HostDeath, ManyDeathsInTheMiddleOfChangesLoseNoChange) {
  constexpr int kRounds = 3, kChanges = 400;
  Program playing("host-death-changes", constantTone);
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_TRUE(playing.plays(2400));
    const int pid = playing.engine.helpers().renderPid;
    for (int i = 0; i < kChanges; ++i) {
      if (i == kChanges / 2) kill(pid, SIGKILL);
      const NodeId gain = 100 + static_cast<NodeId>(round * kChanges + i);
      playing.session->commit(playing.batch.node(gain, kGain).connect(2, gain).connect(gain, 1).setValue(gain, 0, 0, 0).takeBytes());
    }
    playing.session->commit(playing.batch.setValue(2, 0, 0.1f * static_cast<float>(round + 1), 0).add(0, SetRunning{1, 10 + static_cast<std::uint32_t>(round)}).takeBytes());
    ASSERT_TRUE(playing.notices->awaitState(10 + static_cast<std::uint32_t>(round))) << "round " << round;
  }
  ASSERT_TRUE(playing.plays(9600));
  const Recording heard = playing.heard();
  float loudest = 0;   // a slow build may underrun now and then
  for (std::size_t i = heard.frames() - 9600; i < heard.frames(); ++i) loudest = std::max(loudest, heard.at(i, 0));
  EXPECT_FLOAT_EQ(loudest, 0.3f);
}

TEST(HostDeath, AHostThatDiesAsItIsMadeOrAnswersLeavesNobodyWaiting) {
  for (int milliseconds = 0; milliseconds < 60; milliseconds += 6) {
    Engine engine(options("virtual"));
    auto session = engine.open({.sampleRate = kRate});
    Notices notices(*session);
    Batch batch;
    session->commit(batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0).run().takeBytes());
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    const int pid = engine.helpers().renderPid;
    kill(pid, SIGKILL);
    ASSERT_NE(notices.await<SessionInterrupted>(), nullptr) << milliseconds << " ms";
    ASSERT_TRUE(notices.awaitState(1)) << milliseconds << " ms";
    const std::uint64_t frame = session->timing().playedFrame;
    EXPECT_TRUE(comesTrue([&] { return session->timing().playedFrame > frame + 2400; })) << milliseconds << " ms";
  }
}

TEST(HostDeath, ASessionThatItsHostRefusedIsNoSignOfAHangWhileItIsKept) {
  session::EngineOptions with = options("virtual");
  with.hangLimit = 0.4;
  Program playing("host-refused", constantTone, with);
  auto refused = playing.engine.open({.sampleRate = kRate});
  Notices notices(*refused);
  Batch batch;
  refused->commit(batch.node(1, kDestination).run().takeBytes());
  ASSERT_TRUE(notices.awaitState(1));
  refused->commit(batch.node(2, kAudioBufferSource).add(2, SetField{0, 99}).takeBytes());   // a buffer that there is not
  ASSERT_NE(notices.await<SessionFailed>(), nullptr);
  ASSERT_TRUE(playing.plays(5 * 48000)) << "longer than any limit";
  EXPECT_EQ(playing.engine.helpers().renderPid, playing.pids.renderPid) << "the host was ended for everybody";
}

TEST(HostDeath, ASuspendedSessionStaysSuspendedAndResumes) {
  Program playing("host-death-suspended", constantTone);
  playing.session->commit(playing.batch.add(0, SetRunning{0, 2}).takeBytes());
  ASSERT_TRUE(playing.notices->awaitState(2));
  const std::uint64_t frame = playing.session->timing().frame;
  kill(playing.pids.renderPid, SIGKILL);
  ASSERT_NE(playing.notices->await<SessionInterrupted>(), nullptr);
  ASSERT_TRUE(playing.notices->awaitState(2));
  EXPECT_EQ(playing.session->timing().frame, frame);
  playing.session->commit(playing.batch.add(0, SetRunning{1, 3}).takeBytes());
  ASSERT_TRUE(playing.notices->awaitState(3));
  EXPECT_TRUE(playing.plays(4800));
}

TEST(HostDeath, AStreamIsReadOnAndNoFrameOfItIsHeardTwice) {
  Program playing("host-death-stream", [](Program& p) { p.batch.node(2, kMediaStreamAudioSource).connect(2, 1); });
  const auto ring = transport::createRingStream("stream", {1, kRate, 65536, transport::Overflow::dropOldest});
  transport::RingWriter writer(transport::SharedMemory::map(ring.fd().duplicate()));
  writer.setState(transport::WriterState::running);
  playing.session->bindStream(9, ResourceKind::inputStream, {.memory = ring.fd().duplicate()});
  playing.session->commit(playing.batch.add(2, SetField{0, 9}).takeBytes());
  // Frame n is n / 2^20, exact; as many of them as the device plays.
  std::atomic<bool> over{false};
  std::atomic<std::uint32_t> written{0};
  std::thread source([&] {
    const std::uint64_t from = playing.session->timing().playedFrame;
    while (!over) {
      while (written < playing.session->timing().playedFrame - from + 2400) {
        const float value = static_cast<float>(written + 1) * 0x1p-20f;
        writer.write(&value, 1);
        ++written;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  EXPECT_TRUE(playing.plays(9600));
  const std::uint32_t before = written;
  playing.killHost();
  EXPECT_TRUE(playing.plays(24000));
  over = true;
  source.join();
  const Recording heard = playing.heard();
  float last = 0;
  for (std::size_t i = 1; i < heard.frames(); ++i) {
    const float frame = heard.at(i, 0) * 0x1p20f;
    if (frame < 2 || frame != heard.at(i - 1, 0) * 0x1p20f + 1) continue;   // silence, a fade
    ASSERT_GT(frame, last) << "frame " << i;
    last = frame;
  }
  EXPECT_GT(last, static_cast<float>(before + 9600)) << "what was written since is not heard";
}

TEST(HostDeath, AThousandNodesComeBack) {
  Program playing("host-death-thousand", [](Program& p) {
    constantTone(p);
    p.batch.node(3, kGain).connect(2, 3);
    for (NodeId id = 3; id < 1003; ++id) p.batch.node(id + 1, kGain).connect(id, id + 1);
    p.batch.connect(1003, 1);
    p.batch.add(2, Disconnect{{0, 1, 0}});
  });
  ASSERT_TRUE(playing.plays(4800));
  playing.killHost();
  ASSERT_TRUE(playing.plays(9600));
  const Recording heard = playing.heard();
  float loudest = 0;   // sanitizers render a thousand nodes slower than they sound, with gaps
  for (std::size_t i = heard.frames() - 9600; i < heard.frames(); ++i) loudest = std::max(loudest, heard.at(i, 0));
  EXPECT_FLOAT_EQ(loudest, 0.5f);
}

TEST(HostDeath, AHostThatIsStoppedBelowTheLimitGoesOnItself) {
  session::EngineOptions with = options("virtual");
  with.hangLimit = 30;
  Program playing("host-stopped", constantTone, with);
  ASSERT_TRUE(playing.plays(4800));
  {
    const Stopped host(playing.pids.renderPid);
    const std::uint64_t underruns = playing.session->timing().underruns;
    ASSERT_TRUE(comesTrue([&] { return playing.session->timing().underruns > underruns; }));
  }
  ASSERT_TRUE(playing.plays(9600));
  EXPECT_EQ(playing.engine.helpers().renderPid, playing.pids.renderPid);
}

TEST(HostDeath, AHostThatIsStoppedForTooLongIsEndedAndReplaced) {
  session::EngineOptions with = options("virtual");
  with.hangLimit = 0.4;
  Program playing("host-hangs", constantTone, with);
  ASSERT_TRUE(playing.plays(4800));
  kill(playing.pids.renderPid, SIGSTOP);
  const NoticeRecord* interrupted = playing.notices->await<SessionInterrupted>();
  ASSERT_NE(interrupted, nullptr);
  EXPECT_NE(std::get<SessionInterrupted>(interrupted->body).reason.find("no life"), std::string::npos) << std::get<SessionInterrupted>(interrupted->body).reason;
  ASSERT_TRUE(playing.notices->awaitState(1));
  EXPECT_TRUE(gone(playing.pids.renderPid)) << "it may wake";
  ASSERT_TRUE(playing.plays(9600));
  const Recording heard = playing.heard();
  EXPECT_LT(largestStep(heard), 0.05f);
}

TEST(HostDeath, ASpareStandsByAndTakesOverAndThereIsAnother) {
  Program playing("host-spare", constantTone);
  ASSERT_TRUE(comesTrue([&] { return playing.engine.helpers().sparePid > 0; })) << "there is no spare";
  const int spare = playing.engine.helpers().sparePid;
  playing.killHost();
  EXPECT_EQ(playing.engine.helpers().renderPid, spare);
  ASSERT_TRUE(comesTrue([&] { return playing.engine.helpers().sparePid > 0; }));
  const int next = playing.engine.helpers().sparePid;
  EXPECT_NE(next, spare);
  kill(next, SIGKILL);
  ASSERT_TRUE(comesTrue([&] { return playing.engine.helpers().sparePid > 0 && playing.engine.helpers().sparePid != next; })) << "a spare that dies is replaced";
  EXPECT_TRUE(playing.plays(4800));
  const Engine::Helpers last = playing.engine.helpers();
  playing.notices.reset();
  playing.session.reset();
  playing.engine.finishTap();
  for (const int pid : {last.renderPid, last.sparePid, last.audioPid}) EXPECT_TRUE(gone(pid));
}

TEST(HostDeath, HostsThatDieAgainAndAgainEndInOneErrorAndInNoLoop) {
  Program playing("host-death-loop", constantTone);
  std::string reason;
  std::set<int> killed;
  ASSERT_TRUE(comesTrue([&] {
    const int pid = playing.engine.helpers().renderPid;
    if (pid > 0 && killed.insert(pid).second) kill(pid, SIGKILL);
    for (const NoticeRecord& notice : playing.session->takeNotices()) {
      if (const auto* failed = std::get_if<SessionFailed>(&notice.body)) reason = failed->reason;
    }
    return !reason.empty();
  })) << killed.size() << " hosts were killed";
  EXPECT_NE(reason.find("in a row"), std::string::npos) << reason;
  EXPECT_NE(reason.find("signal 9"), std::string::npos) << reason;
  EXPECT_GE(killed.size(), 4u);
  // The next session has a host of its own again.
  auto next = playing.engine.open({.sampleRate = kRate});
  Notices notices(*next);
  Batch batch;
  next->commit(batch.node(1, kDestination).run().takeBytes());
  EXPECT_TRUE(notices.awaitState(1));
}

TEST(HostDeath, AHostThatNeverWorkedIsToldAtOnce) {
  session::EngineOptions with = options("virtual");
  with.renderCommand = {"/bin/false"};
  Engine engine(with);
  auto session = engine.open({.sampleRate = kRate});
  Notices notices(*session);
  const NoticeRecord* failed = notices.await<SessionFailed>();
  ASSERT_NE(failed, nullptr);
  EXPECT_NE(std::get<SessionFailed>(failed->body).reason.find("exit status 1"), std::string::npos) << std::get<SessionFailed>(failed->body).reason;
}

}  // namespace
}  // namespace backline::test
