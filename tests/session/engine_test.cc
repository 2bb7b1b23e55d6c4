// The engine against real helpers: backline-audio with a stepped device, backline-render without JavaScript.

#include "session/engine.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "tests/session/rig.h"

namespace backline {
namespace {

using namespace render;
using session::Engine;
using namespace test;

constexpr double kAhead = 0.5;   // seconds

/// Two oscillators through an automated gain, all of it half a second ahead.
void build(Batch& batch) {
  batch.node(1, kDestination).node(2, kGain).node(3, kOscillator).node(4, kOscillator);
  batch.add(4, SetField{0, 2}).setValue(3, 0, 220, 0).setValue(4, 0, 331.7f, 0);
  batch.connect(3, 2).connect(4, 2).connect(2, 1);
  batch.setValue(2, 0, 0.1f, 0);
  ParamEvent ramp;
  ramp.kind = dsp::EventKind::linearRamp;
  ramp.time = kAhead + 0.4;
  ramp.value = 0.8f;
  batch.setValue(2, 0, 0.1f, kAhead).add(2, ramp);
  batch.start(3, kAhead, kAhead + 0.45).start(4, kAhead + 0.01);
}

TEST(Engine, WhatASteppedDevicePlaysIsWhatIsRenderedOfflineBitForBit) {
  const TemporaryFile tap("engine");
  session::EngineOptions engineOptions = options("stepped");
  engineOptions.tapPath = tap.path;
  engineOptions.tapSeconds = 1;
  Engine engine(engineOptions);
  auto session = engine.open({.sampleRate = kRate});
  Batch batch;
  build(batch);
  {
    Notices notices(*session);
    session->commit(batch.run().takeBytes());
    ASSERT_NE(notices.await<Ended>(), nullptr) << "the oscillator that stops never said so";
    while (session->timing().playedFrame < kRate) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(session->timing().underruns, 0u);
  }
  session.reset();
  const auto [frames, dropped] = engine.finishTap();
  EXPECT_EQ(frames, static_cast<std::uint64_t>(kRate));
  EXPECT_EQ(dropped, 0u);

  const auto offline = session::openOffline({.sampleRate = kRate});
  Batch same;
  build(same);
  same.add(0, StartRendering{static_cast<std::uint64_t>(kRate), 2});
  Notices notices(*offline);
  offline->commit(same.takeBytes());
  ASSERT_NE(notices.await<RenderingComplete>(), nullptr);
  const std::vector<transport::Samples> expected = offline->takeResult();

  const Recording played = readWav(tap.path);
  ASSERT_EQ(played.frames(), static_cast<std::size_t>(kRate));
  float loudest = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(kRate); ++i) {
    for (std::uint32_t c = 0; c < 2; ++c) ASSERT_EQ(played.at(i, c), expected[c][i]) << "frame " << i << ", channel " << c;
    loudest = std::max(loudest, std::abs(expected[0][i]));
  }
  EXPECT_GT(loudest, 0.5f) << "there was nothing to compare";
}

TEST(Engine, AStateChangeIsSaidWithItsGenerationAfterItWasApplied) {
  Engine engine(options("virtual"));
  auto session = engine.open({});
  Notices notices(*session);
  Batch batch;
  session->commit(batch.node(1, kDestination).run(7).takeBytes());
  const NoticeRecord* running = notices.await<StateChanged>();
  ASSERT_NE(running, nullptr);
  EXPECT_EQ(std::get<StateChanged>(running->body).running, 1u);
  EXPECT_EQ(std::get<StateChanged>(running->body).generation, 7u);
  notices.forget();
  session->commit(batch.add(0, SetRunning{0, 8}).takeBytes());
  const NoticeRecord* suspended = notices.await<StateChanged>();
  ASSERT_NE(suspended, nullptr);
  EXPECT_EQ(std::get<StateChanged>(suspended->body).running, 0u);
  const std::uint64_t frame = session->timing().frame;
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(session->timing().frame, frame) << "a suspended session went on";
  EXPECT_EQ(session->timing().underruns, 0u) << "suspending is no underrun";
}

TEST(Engine, ABufferPlaysOnceItHasCrossedIntoTheHost) {
  Engine engine(options("stepped"));
  auto session = engine.open({.sampleRate = kRate});
  Notices notices(*session);
  std::vector<float> samples(4800, 0.25f);
  const float* const channels[] = {samples.data()};
  session->shareBuffer(9, kRate, samples.size(), channels);
  Batch batch;
  batch.node(1, kDestination).node(2, kAudioBufferSource).connect(2, 1).add(2, SetField{0, 9}).start(2, 0.0);
  session->commit(batch.run().takeBytes());
  const NoticeRecord* ended = notices.await<Ended>();
  ASSERT_NE(ended, nullptr);
  EXPECT_EQ(ended->target, 2u);
}

TEST(Engine, ABurstOfTenThousandBatchesArrivesWhole) {
  Engine engine(options("virtual"));
  auto session = engine.open({});
  Notices notices(*session);
  Batch batch;
  session->commit(batch.node(1, kDestination).node(2, kGain).connect(2, 1).run().takeBytes());
  for (int i = 0; i < 10'000; ++i) session->commit(batch.setValue(2, 0, static_cast<float>(i), 0).takeBytes());
  session->commit(batch.add(0, SetRunning{0, 2}).takeBytes());
  EXPECT_TRUE(notices.awaitState(2)) << "the last batch never arrived";
}

TEST(Engine, ARefusedRecordEndsItsSessionAndNoOther) {
  Engine engine(options("virtual"));
  auto good = engine.open({}), bad = engine.open({});
  Notices goodNotices(*good), badNotices(*bad);
  Batch batch, other;
  good->commit(other.node(1, kDestination).run().takeBytes());
  ASSERT_NE(goodNotices.await<StateChanged>(), nullptr);
  bad->commit(batch.connect(77, 78).takeBytes());
  const NoticeRecord* failed = badNotices.await<SessionFailed>();
  ASSERT_NE(failed, nullptr);
  EXPECT_NE(std::get<SessionFailed>(failed->body).reason.find("77"), std::string::npos) << std::get<SessionFailed>(failed->body).reason;
  goodNotices.forget();
  good->commit(other.add(0, SetRunning{0, 2}).takeBytes());
  EXPECT_NE(goodNotices.await<StateChanged>(), nullptr) << "the other session stopped answering";
}

TEST(Engine, TheHelpersEndWithTheLastSession) {
  Engine engine(options("virtual"));
  auto first = engine.open({}), second = engine.open({});
  const Engine::Helpers helpers = engine.helpers();
  first.reset();
  EXPECT_EQ(kill(helpers.audioPid, 0), 0) << "a session is still open";
  second.reset();
  EXPECT_TRUE(gone(helpers.audioPid));
  EXPECT_TRUE(gone(helpers.renderPid));
}

TEST(Engine, AnUnknownDeviceIsNamedTogetherWithThoseThatExist) {
  Engine engine(options("no-such-device"));
  try {
    engine.open({});
    FAIL() << "it was opened";
  } catch (const session::EngineError& error) {
    EXPECT_NE(std::string(error.what()).find("no-such-device"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("virtual"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace backline
