// A session that plays into one ring and then into another, with this program as both devices.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/host/host_process.h"

namespace backline::host::test {
namespace {

constexpr float kStep = 1.0f / (1 << 20);   // by which a counting session grows every frame

/// Frame n of context time is n · kStep.
void playCounter(HostedSession& session) {
  auto& batch = session.batch;
  batch.node(1, render::kDestination).node(2, render::kConstantSource).connect(2, 1).start(2, 0).setValue(2, 0, 0, 0);
  render::ParamEvent ramp;
  ramp.kind = dsp::EventKind::linearRamp;
  ramp.time = (1 << 20) / 48000.0;
  ramp.value = 1;
  session.commit(batch.add(2, ramp).run().takeBytes());
}

class Moves : public testing::Test {
 protected:
  ~Moves() noexcept override = default;
  transport::SharedMemory ring(std::uint32_t capacity, std::uint32_t channels = 1, float rate = 48000) {
    return transport::createRingStream("test-ring", {channels, rate, capacity, transport::Overflow::refuse});
  }
  kj::Promise<void> move(HostedSession& session, const transport::SharedMemory& to, std::uint32_t callbackFrames = 256, double deviceLatency = 0) {
    auto request = session.capability().setOutputRequest();
    request.setRing(ipc::describe(to.fd().duplicate()));
    request.setCallbackFrames(callbackFrames);
    request.setDeviceLatency(deviceLatency);
    return request.send().ignoreResult();
  }
  std::string refusal(HostedSession& session, const transport::SharedMemory& to) {
    try {
      move(session, to).wait(host.scope());
      return "";
    } catch (const kj::Exception& exception) {
      return ipc::errorText(exception);
    }
  }
  void expectFrames(const std::vector<float>& heard, std::uint64_t first) {
    for (std::size_t i = 0; i < heard.size(); ++i)
      ASSERT_EQ(std::llround(heard[i] / kStep), static_cast<long long>(first + i)) << i << " frames after frame " << first;
  }
  /// Takes what comes as the device of this ring.
  std::vector<float> play(HostedSession& session, transport::RingReader& reader, std::uint32_t frames) {
    std::vector<float> heard(frames);
    std::uint32_t got = 0;
    EXPECT_TRUE(host.turnUntil([&] {
      got += reader.read(heard.data() + got, frames - got);
      session.wake();
      return got == frames;
    })) << got << " of " << frames << " frames";
    heard.resize(got);
    return heard;
  }

  HostProcess host;
};

TEST_F(Moves, WhatWasNotHeardInTheRingBeforeIsHeardFirstAndNothingTwice) {
  HostedSession session(host);
  playCounter(session);
  std::uint64_t frame = 1000;
  expectFrames(session.play(1000), 0);
  for (const std::uint32_t callback : {256u, 2048u, 64u, 1000u}) {
    const transport::SharedMemory next = ring(8192);
    move(session, next, callback).wait(host.scope());
    transport::RingReader reader(again(next));
    expectFrames(play(session, reader, 5000), frame);
    frame += 5000;
    EXPECT_EQ(reader.writerState(), transport::WriterState::running);
  }
}

TEST_F(Moves, TheRingBeforeIsEmptyAndEnded) {
  HostedSession session(host);
  playCounter(session);
  session.play(1000);
  const transport::SharedMemory next = ring(4096);
  move(session, next).wait(host.scope());
  const transport::RingReader before(again(session.ring()));
  EXPECT_EQ(before.writerState(), transport::WriterState::ended);
  EXPECT_EQ(before.available(), 0u);
}

TEST_F(Moves, ContextTimeStandsStillWhileNobodyTakesFramesAndNeverGoesBack) {
  HostedSession session(host);
  playCounter(session);
  session.play(1000);
  std::uint64_t before = session.status().frame;
  for (int i = 0; i < 20; ++i) {
    const transport::SharedMemory next = ring(4096);
    move(session, next).wait(host.scope());
    const std::uint64_t after = session.status().frame;
    EXPECT_GE(after, before);
    EXPECT_LE(after, 1000u + session.status().ringTarget + 128);
    before = after;
  }
}

TEST_F(Moves, AsMuchIsKeptReadyAsTheNewDeviceTakesAtOnce) {
  HostedSession session(host);
  playCounter(session);
  session.play(1000);
  const std::uint32_t small = session.status().ringTarget;
  move(session, ring(16384), 4096).wait(host.scope());
  EXPECT_TRUE(host.turnUntil([&] { return session.status().ringTarget >= 4096 + 128; }));
  move(session, ring(16384), 256).wait(host.scope());
  EXPECT_TRUE(host.turnUntil([&] { return session.status().ringTarget <= small + 8 * 128; }));
}

TEST_F(Moves, ASuspendedSessionMovesToo) {
  HostedSession session(host);
  playCounter(session);
  session.play(1000);
  session.commit(session.batch.add(0, render::SetRunning{0, 2}).takeBytes());
  ASSERT_TRUE(session.applied(2));
  const transport::SharedMemory next = ring(4096);
  move(session, next).wait(host.scope());
  transport::RingReader reader(again(next));
  EXPECT_TRUE(host.turnUntil([&] { return reader.writerState() == transport::WriterState::paused; }));
  session.commit(session.batch.add(0, render::SetRunning{1, 3}).takeBytes());
  ASSERT_TRUE(session.applied(3));
  expectFrames(play(session, reader, 3000), 1000);
}

TEST_F(Moves, ARingThatDoesNotFitIsRefusedByNameAndThePlayingGoesOn) {
  HostedSession session(host);
  playCounter(session);
  EXPECT_NE(refusal(session, ring(2048)).find("2048 frames"), std::string::npos);
  EXPECT_NE(refusal(session, ring(4096, 2)).find("channels"), std::string::npos);
  EXPECT_NE(refusal(session, ring(4096, 1, 44100)).find("rate"), std::string::npos);
  EXPECT_NE(refusal(session, transport::createPage<ipc::OutputStatus>("test")).find("setOutput"), std::string::npos);
  expectFrames(session.play(2000), 0);
}

TEST_F(Moves, FortyMovesLeaveNothingBehind) {
  HostedSession session(host);
  playCounter(session);
  const auto twenty = [&] {
    for (int i = 0; i < 20; ++i) move(session, ring(4096)).wait(host.scope());
  };
  twenty();
  const std::size_t descriptors = host.descriptors(), mappings = host.mappings();
  twenty();
  EXPECT_TRUE(host.turnUntil([&] { return host.descriptors() <= descriptors; })) << host.descriptors() << " descriptors, were " << descriptors;
  EXPECT_LE(host.mappings(), mappings + 1);
}

}  // namespace
}  // namespace backline::host::test
