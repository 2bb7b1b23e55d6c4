// What each side sees when the other one is stopped: counted, waited for, never believed dead, and made up for when it goes on.

#include <cmath>

#include "tests/session/rig.h"
#include "transport/error.h"

namespace backline {
namespace {

using namespace render;
using namespace test;
using session::Engine;

struct Sounding {
  explicit Sounding(const std::string& device) : engine(options(device)), session(engine.open({.sampleRate = kRate})), notices(*session) {
    batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0).setValue(2, 0, 0.25f, 0);
    session->commit(batch.run().takeBytes());
    EXPECT_TRUE(playsOn());
    pids = engine.helpers();
  }
  std::uint64_t played() const { return session->timing().playedFrame; }
  bool playsOn() {
    const std::uint64_t from = played();
    return comesTrue([&] { return played() > from + 4800; });
  }

  Engine engine;
  std::unique_ptr<session::Session> session;
  Notices notices;
  Batch batch;
  Engine::Helpers pids;
};

TEST(StoppedPeers, AStoppedRenderHostIsCountedAsUnderrunsAndGoesOnWhereItStood) {
  Sounding playing("virtual");
  const std::uint64_t before = playing.session->timing().underruns;
  std::uint64_t stoppedAt = 0;
  {
    const Stopped host(playing.pids.renderPid);
    ASSERT_TRUE(comesTrue([&] { return playing.session->timing().underruns > before; })) << "nobody counts what is missing";
    stoppedAt = playing.played();
    const session::Timing timing = playing.session->timing();
    const std::uint64_t missing = timing.underrunFrames;
    EXPECT_EQ(timing.frame, timing.playedFrame) << "what was ready has been played, and no more than that";
    ASSERT_TRUE(comesTrue([&] { return playing.session->timing().underrunFrames > missing + 10'000; })) << "the device stands still with the host";
    EXPECT_EQ(playing.played(), stoppedAt) << "context time went on without sound";
  }
  EXPECT_TRUE(playing.playsOn());
  EXPECT_GT(playing.session->timing().frame, stoppedAt);
}

TEST(StoppedPeers, ASteppedDeviceWaitsForAStoppedHostWithoutLosingAFrame) {
  Sounding playing("stepped");
  {
    const Stopped host(playing.pids.renderPid);
    std::uint64_t last = ~0ull;
    ASSERT_TRUE(comesTrue([&] { return std::exchange(last, playing.played()) == playing.played() && playing.played() == last; }));
  }
  EXPECT_TRUE(playing.playsOn());
  EXPECT_EQ(playing.session->timing().underruns, 0u);
}

TEST(StoppedPeers, AStoppedAudioServerLetsTheHostFillItsRingAndNoMore) {
  Sounding playing("virtual");
  {
    const Stopped server(playing.pids.audioPid);
    std::uint64_t frame = 0;
    ASSERT_TRUE(comesTrue([&] { return std::exchange(frame, playing.session->timing().frame) == playing.session->timing().frame; }));
    const session::Timing timing = playing.session->timing();
    const auto target = static_cast<std::uint64_t>(std::lround(playing.session->info().baseLatency * kRate));
    EXPECT_LE(timing.frame - timing.playedFrame, target + 8 * 128) << "frames rendered for a device that takes none";
    // Changes are applied all the same.
    playing.session->commit(playing.batch.add(0, SetRunning{0, 2}).takeBytes());
    EXPECT_TRUE(playing.notices.awaitState(2));
    playing.session->commit(playing.batch.add(0, SetRunning{1, 3}).takeBytes());
    EXPECT_TRUE(playing.notices.awaitState(3));
  }
  EXPECT_TRUE(playing.playsOn());
}

TEST(StoppedPeers, CommitsToAStoppedHostNeverBlockAndAllArriveLater) {
  Sounding playing("virtual");
  {
    const Stopped host(playing.pids.renderPid);
    // More than the command ring holds.
    for (int i = 0; i < 20'000; ++i) playing.session->commit(playing.batch.setValue(2, 0, static_cast<float>(i), 0).takeBytes());
    playing.session->commit(playing.batch.add(0, SetRunning{0, 2}).takeBytes());
  }
  EXPECT_TRUE(playing.notices.awaitState(2)) << "the last of what was committed meanwhile never arrived";
}

TEST(StoppedPeers, ABufferAndAStreamBoundToAStoppedHostAreThereWhenItGoesOn) {
  Sounding playing("virtual");
  {
    const Stopped host(playing.pids.renderPid);
    const std::vector<float> samples(480, 0.5f);
    const float* const channels[] = {samples.data()};
    playing.session->shareBuffer(9, kRate, samples.size(), channels);
    const auto ring = transport::createRingStream("stream", {1, kRate, 1024});
    playing.session->bindStream(10, ResourceKind::inputStream, {ring.fd().duplicate()});
    playing.session->commit(playing.batch.node(3, kAudioBufferSource).connect(3, 1).add(3, SetField{0, 9}).start(3, 0).add(10, ReleaseResource{}).takeBytes());
  }
  const NoticeRecord* ended = playing.notices.await<Ended>();
  ASSERT_NE(ended, nullptr);
  EXPECT_EQ(ended->target, 3u);
}

TEST(StoppedPeers, AHostThatIsKilledWhileItIsStoppedIsReplaced) {
  Sounding playing("virtual");
  {
    const Stopped host(playing.pids.renderPid);
    kill(playing.pids.renderPid, SIGKILL);
    const NoticeRecord* interrupted = playing.notices.await<SessionInterrupted>();
    ASSERT_NE(interrupted, nullptr);
    const std::string& reason = std::get<SessionInterrupted>(interrupted->body).reason;
    EXPECT_NE(reason.find("signal 9"), std::string::npos) << reason;
  }
  EXPECT_TRUE(playing.playsOn());
  EXPECT_NE(playing.engine.helpers().renderPid, playing.pids.renderPid);
}

TEST(StoppedPeers, WhatIsToldASessionThatHasFailedGoesNowhereAndTheNextOnePlays) {
  Sounding playing("virtual");
  playing.session->commit(playing.batch.connect(77, 78).takeBytes());
  ASSERT_NE(playing.notices.await<SessionFailed>(), nullptr);
  for (int i = 0; i < 1000; ++i) playing.session->commit(playing.batch.setValue(2, 0, 0, 0).takeBytes());
  const float* const silent[] = {nullptr};
  playing.session->shareBuffer(11, kRate, 100, silent);
  auto next = playing.engine.open({.sampleRate = kRate});
  Notices notices(*next);
  Batch batch;
  next->commit(batch.node(1, kDestination).run().takeBytes());
  EXPECT_TRUE(notices.awaitState(1));
}

TEST(StoppedPeers, AWrongStreamIsRefusedWhereItIsBoundAndTheSessionPlaysOn) {
  Sounding playing("virtual");
  const auto ring = transport::createRingStream("stream", {1, kRate, 1024});
  EXPECT_THROW(playing.session->bindStream(9, ResourceKind::meter, {ring.fd().duplicate()}), transport::TransportError);
  EXPECT_THROW(playing.session->bindStream(9, ResourceKind::exchange, {ring.fd().duplicate()}), transport::TransportError);
  EXPECT_THROW(playing.session->bindStream(9, ResourceKind::audioBuffer, {ring.fd().duplicate()}), transport::TransportError);
  EXPECT_TRUE(playing.playsOn());
  // An id that is taken is known to the host alone: its session ends with the reason.
  playing.session->bindStream(9, ResourceKind::inputStream, {ring.fd().duplicate()});
  playing.session->bindStream(9, ResourceKind::inputStream, {ring.fd().duplicate()});
  const NoticeRecord* failed = playing.notices.await<SessionFailed>();
  ASSERT_NE(failed, nullptr);
  EXPECT_NE(std::get<SessionFailed>(failed->body).reason.find("bindStream 9"), std::string::npos) << std::get<SessionFailed>(failed->body).reason;
}

}  // namespace
}  // namespace backline
