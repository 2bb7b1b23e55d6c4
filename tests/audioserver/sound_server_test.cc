// The way to real devices: what was played through a JACK or PulseAudio server is captured there and found frame for frame.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "fake_session.h"
#include "server_process.h"
#include "sound_server.h"
#include "tests/support/seed.h"

namespace backline::audioserver {
namespace {

using namespace test;

constexpr std::uint32_t kSound = 24000;      // frames
constexpr std::uint32_t kRecording = 20 * 48000;

/// Ends in something that no silence equals, so that it is found whole.
std::vector<float> randomSound(std::uint32_t frames) {
  std::mt19937_64 random(backline::test::seed());
  auto sound = noise(random, std::size_t{frames} * 2);
  sound.front() = sound.back() = 0.123f;
  return sound;
}

bool goesAway(const OpenSession& session) {
  for (int tries = 0; tries < 1500; ++tries) {
    if (session.status().deviceAlive == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST_F(JackTest, WhatASessionWritesIsHeardFrameForFrame) {
  JackCapture capture(*jack, kRecording);
  OpenSession session = process->open("", 48000);
  EXPECT_EQ(session.deviceId, "jack:playback");
  EXPECT_EQ(session.callbackFrames, JackServer::kPeriod);
  EXPECT_GE(session.deviceLatency, static_cast<double>(JackServer::kPeriod) / JackServer::kRate);
  capture.connect();
  const auto sound = randomSound(kSound);
  session.play(sound);
  EXPECT_EQ(session.status().underruns, 0u);
  // Half a second more than was played: it is all through by then.
  const auto heard = capture.take(static_cast<std::uint32_t>(capture.take(0).size() / 2 + 24000));
  EXPECT_GE(findSound(sound, heard, 2), 0);
}

TEST_F(JackTest, TwoSessionsAreHeardAsTheirSum) {
  JackCapture capture(*jack, kRecording);
  OpenSession first = process->open("jack", 48000), second = process->open("jack:playback", 48000);
  capture.connect();
  const std::vector<float> quarter(2 * 4096, 0.25f);
  first.fill(quarter, 0);
  second.fill(quarter, 0);
  first.ring.setState(transport::WriterState::running);
  second.ring.setState(transport::WriterState::running);
  const auto heard = capture.take(static_cast<std::uint32_t>(capture.take(0).size() / 2 + 12000));
  EXPECT_EQ(*std::max_element(heard.begin(), heard.end()), 0.5f);
}

TEST_F(JackTest, ASessionAtAnotherRateIsHeardWhole) {
  JackCapture capture(*jack, kRecording);
  OpenSession session = process->open("jack", 44100);
  EXPECT_EQ(session.sampleRate, 44100.0f);
  capture.connect();
  session.play(sine(441, 44100, 22050, 2));
  EXPECT_EQ(session.status().underruns, 0u);
  const auto heard = capture.take(static_cast<std::uint32_t>(capture.take(0).size() / 2 + 12000));
  // Half a second of 441 Hz crosses zero upwards 220 times, at every rate.
  int crossings = 0;
  for (std::size_t i = 2; i < heard.size(); i += 2) crossings += heard[i - 2] < -0.01f && heard[i] >= -0.01f ? 1 : 0;
  EXPECT_NEAR(crossings, 220, 1);
}

TEST_F(JackTest, TheDeathOfTheServerIsNoticedAndSurvived) {
  OpenSession session = process->open("jack", 48000);
  jack->kill();
  ASSERT_TRUE(goesAway(session));
  EXPECT_NE(process->openError("jack").find("no JACK server answers"), std::string::npos);
  EXPECT_EQ(process->openError("virtual"), "");
  EXPECT_EQ(process->hangUp(), 0);
}

TEST_F(JackTest, AServerThatDiesTogetherWithTheProgramIsNoCrash) {
  OpenSession session = process->open("jack", 48000);
  jack->kill();
  EXPECT_EQ(process->hangUp(), 0);
}

TEST_F(PulseTest, WhatASessionWritesIsHeardFrameForFrame) {
  // PulseAudio itself leaves gaps where a loaded machine is late; with this latency it has time.
  OpenSession session = process->open("", 48000, 2, 128, 0.25);
  EXPECT_EQ(session.deviceId, "pulse:out");
  PulseCapture capture(*pulse, "out.monitor", 2);
  const auto sound = randomSound(kSound);
  session.play(sound);
  EXPECT_EQ(session.status().underruns, 0u);
  const auto heard = capture.take(capture.take(0).size() / 2 + 24000);
  EXPECT_GE(findSound(sound, heard, 2), 0);
}

TEST_F(PulseTest, DevicesAreListedAndOpenedByTheirIds) {
  const auto list = process->server().listDevicesRequest().send().wait(process->scope());
  std::vector<std::string> ids;
  for (const auto device : list.getDevices()) ids.push_back(device.getId().cStr());
  for (const std::string id : {"pulse:out", "pulse:wide", "pulse:out.monitor", "pulse:wide.monitor"}) {
    EXPECT_EQ(std::count(ids.begin(), ids.end(), id), 1) << id;
  }
  const OpenSession session = process->open("pulse:wide", 0);
  EXPECT_EQ(session.sampleRate, 44100.0f);
  EXPECT_EQ(session.deviceChannels, 6u);
}

TEST_F(PulseTest, ANameThatTwoDevicesHaveIsNotEnough) {
  const std::string text = process->openError("Null Output");
  EXPECT_NE(text.find("is the name of 2 devices; there are: "), std::string::npos) << text;
  EXPECT_NE(text.find("pulse:out, pulse:wide"), std::string::npos) << text;
}

TEST_F(PulseTest, AnInputIsNoOutput) { EXPECT_NE(process->openError("pulse:out.monitor").find("is not there"), std::string::npos); }

TEST_F(PulseTest, TheDeathOfTheServerIsNoticedAndSurvived) {
  OpenSession session = process->open("pulse", 48000);
  pulse->kill();
  ASSERT_TRUE(goesAway(session));
  EXPECT_NE(process->openError("pulse").find("no PulseAudio or PipeWire server answers"), std::string::npos);
  EXPECT_EQ(process->openError("virtual"), "");
  EXPECT_EQ(process->hangUp(), 0);
}

}  // namespace
}  // namespace backline::audioserver
