// Captures from real servers: what is played there is captured and found frame for frame.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <thread>

#include "fake_session.h"
#include "server_process.h"
#include "sound_server.h"
#include "tests/support/seed.h"

namespace backline::audioserver {
namespace {

using namespace test;
using transport::WriterState;

constexpr std::uint32_t kSound = 24000;  // frames

/// Ends in something that no silence equals, so that it is found whole.
std::vector<float> randomSound(std::uint32_t frames) {
  std::mt19937_64 random(backline::test::seed());
  auto sound = noise(random, std::size_t{frames} * 2);
  sound.front() = sound.back() = 0.123f;
  return sound;
}

/// Id and direction → clock.
std::map<std::string, std::string> clocks(ServerProcess& process) {
  std::map<std::string, std::string> result;
  const auto list = process.server().listDevicesRequest().send().wait(process.scope());
  for (const auto device : list.getDevices()) result[std::string(device.getInput() ? "in " : "out ") + device.getId().cStr()] = device.getClock().cStr();
  return result;
}

/// By how much the device's count is ahead of the stream's, and what was lost by then.
struct Tally {
  std::uint64_t ahead, lost;
};

Tally tally(const OpenCapture& capture) {
  capture.written.wait(10000);
  for (;;) {
    const auto status = capture.status();
    const auto mark = capture.mark();
    if (mark.generation == status.generation) return {mark.sourceFrame - mark.frame, status.lostFrames};
  }
}

bool goesAway(const OpenCapture& capture) {
  for (int tries = 0; tries < 1500; ++tries) {
    if (capture.status().deviceAlive == 0 && capture.ring.writerState() == WriterState::ended) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST_F(JackTest, WhatIsConnectedToOurPortsIsCapturedFrameForFrame) {
  OpenCapture capture = process->capture("");
  EXPECT_EQ(capture.deviceId, "jack:capture");
  EXPECT_EQ(capture.clock, "jack");
  EXPECT_EQ(capture.sampleRate, static_cast<float>(JackServer::kRate));
  EXPECT_EQ(capture.channels, 2u);
  EXPECT_EQ(capture.latency, static_cast<double>(JackServer::kPeriod) / JackServer::kRate);
  const Tally before = tally(capture);
  OpenSession session = process->open("jack", 0);
  jack->connectBackline();
  const auto sound = randomSound(kSound);
  session.play(sound);
  EXPECT_EQ(session.status().underruns, 0u);
  EXPECT_GE(findSound(sound, capture.take(capture.ring.available() + 4 * JackServer::kPeriod), 2), 0);
  const Tally after = tally(capture);
  EXPECT_EQ(after.ahead - before.ahead, after.lost - before.lost) << "frames by which the device's count went ahead";
  EXPECT_EQ(capture.status().latency, 0.0f) << "no hardware is between our ports any more";
}

TEST_F(JackTest, ItsDevicesRunFromOneClock) {
  auto clock = clocks(*process);
  EXPECT_EQ(clock["out jack:playback"], "jack");
  EXPECT_EQ(clock["in jack:capture"], "jack");
}

TEST_F(JackTest, ItsDeathEndsACapture) {
  OpenCapture capture = process->capture("jack");
  capture.take(1000);
  jack->kill();
  ASSERT_TRUE(goesAway(capture));
  EXPECT_EQ(process->captureError("virtual"), "");
  EXPECT_EQ(process->hangUp(), 0);
}

TEST_F(PulseTest, AMonitorGivesWhatItsSinkPlaysFrameForFrame) {
  OpenSession session = process->open("pulse:out", 48000, 2, 128, 0.5);
  OpenCapture capture = process->capture("pulse:out.monitor");
  EXPECT_EQ(capture.sampleRate, 48000.0f);
  EXPECT_EQ(capture.channels, 2u);
  EXPECT_GT(capture.latency, 0);
  const auto sound = randomSound(kSound);
  session.play(sound);
  EXPECT_EQ(session.status().underruns, 0u);
  EXPECT_GE(findSound(sound, capture.take(capture.ring.available() + 48000), 2), 0);
}

TEST_F(PulseTest, ADeviceIsOpenOnceForAllItsCaptures) {
  OpenCapture wide = process->capture("pulse:wide.monitor"), mono = process->capture("pulse:wide.monitor", 1);
  EXPECT_EQ(wide.sampleRate, 44100.0f);
  EXPECT_EQ(wide.channels, 6u);
  EXPECT_EQ(mono.channels, 1u);
  EXPECT_EQ(wide.take(1000).size(), 6000u);
  EXPECT_EQ(mono.take(1000).size(), 1000u);
  const std::string streams = pulse->control({"list", "short", "source-outputs"});
  EXPECT_FALSE(streams.empty());
  EXPECT_EQ(streams.find('\n'), std::string::npos) << streams;
}

TEST_F(PulseTest, AMonitorRunsFromItsSinksClock) {
  auto clock = clocks(*process);
  EXPECT_NE(clock["out pulse:out"], "");
  EXPECT_EQ(clock["out pulse:out"], clock["in pulse:out.monitor"]);
  EXPECT_EQ(clock["out pulse:wide"], clock["in pulse:wide.monitor"]);
  EXPECT_NE(clock["out pulse:out"], clock["out pulse:wide"]);
}

TEST_F(PulseTest, AnInputThatIsPulledOutEndsItsCaptures) {
  const std::string module = pulse->control({"load-module", "module-null-sink", "sink_name=plugged", "norewinds=1"});
  OpenCapture capture = process->capture("pulse:plugged.monitor");
  capture.take(1000);
  pulse->control({"unload-module", module});
  EXPECT_TRUE(goesAway(capture));
  EXPECT_NE(process->captureError("pulse:plugged.monitor").find("is not there; there are: pulse:out.monitor"), std::string::npos);
  EXPECT_EQ(process->captureError("pulse:out.monitor"), "");
}

TEST_F(PulseTest, TheDeathOfTheServerEndsACapture) {
  OpenCapture capture = process->capture("pulse");
  capture.take(1000);
  pulse->kill();
  ASSERT_TRUE(goesAway(capture));
  EXPECT_EQ(process->hangUp(), 0);
}

}  // namespace
}  // namespace backline::audioserver
