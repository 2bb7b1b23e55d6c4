// Captures of what the virtual devices play, through a real backline-audio.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <random>
#include <thread>

#include "fake_session.h"
#include "server_process.h"
#include "tests/support/seed.h"

namespace backline::audioserver {
namespace {

using namespace test;
using Overflow = ipc::CaptureConfig::Overflow;
using transport::TimelineMark;
using transport::WriterState;

/// No server of the machine's answers, so that only what is always there is there.
class CaptureServerTest : public testing::Test {
 protected:
  CaptureServerTest() {
    setenv("JACK_DEFAULT_SERVER", "backline-test-none", 1);
    setenv("PULSE_SERVER", "unix:/nowhere/backline-test-none", 1);
  }
  ~CaptureServerTest() noexcept override {}
  ServerProcess process;
};

/// Stereo, of which no frame is silent and each tells its number.
std::vector<float> counter(std::uint32_t frames) {
  std::vector<float> sound;
  for (std::uint32_t i = 1; i <= frames; ++i) sound.insert(sound.end(), {static_cast<float>(i), -static_cast<float>(i)});
  return sound;
}

/// The frame of `captured` at which the counter begins; fails unless from there on all of it is there, and silence before.
std::size_t findCounter(const std::vector<float>& captured, std::uint32_t frames) {
  std::size_t begin = 0;
  while (2 * begin < captured.size() && captured[2 * begin] == 0.0f) ++begin;
  for (std::size_t i = 0; i < frames; ++i) {
    const std::size_t at = 2 * (begin + i);
    if (at >= captured.size() || captured[at] != static_cast<float>(i + 1) || captured[at + 1] != -static_cast<float>(i + 1)) {
      ADD_FAILURE() << "frame " << i << " of " << frames << " is not at frame " << begin + i << " of the " << captured.size() / 2 << " captured, but "
                    << (at < captured.size() ? captured[at] : 0.0f);
      break;
    }
  }
  return begin;
}

/// Of a capture without a gap: where the device's count stands at the stream's first frame.
std::uint64_t origin(const OpenCapture& capture) {
  EXPECT_EQ(capture.mark().generation, 0u);
  return capture.mark().sourceFrame - capture.mark().frame;
}

TEST_F(CaptureServerTest, WhatASteppedDevicePlaysIsCapturedFrameForFrame) {
  OpenSession session = process.open("stepped", 44100);
  OpenCapture capture = process.capture("stepped");
  EXPECT_EQ(capture.deviceId, "stepped");
  EXPECT_EQ(capture.clock, "stepped");
  EXPECT_EQ(capture.sampleRate, 44100.0f);
  EXPECT_EQ(capture.channels, 2u);
  EXPECT_EQ(capture.latency, -128 / 44100.0) << "it is captured before it is heard";
  session.play(counter(30000));
  findCounter(capture.take(capture.ring.available()), 30000);
  EXPECT_EQ(capture.status().lostFrames, 0u);
  EXPECT_EQ(capture.mark().generation, 0u);
}

TEST_F(CaptureServerTest, ASteppedDeviceWaitsForAReaderThatIsSlow) {
  OpenSession session = process.open("stepped", 48000);
  OpenCapture capture = process.capture("stepped", 0, 256);
  std::vector<float> captured;
  std::thread reader([&] {
    std::mt19937_64 random(backline::test::seed());
    for (bool whole = false; !whole && captured.size() < 2 * 1000000;) {
      const auto part = capture.take(1 + random() % 300);
      captured.insert(captured.end(), part.begin(), part.end());
      whole = std::count(part.begin(), part.end(), -10000.0f) > 0;
      if (random() % 16 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  session.play(counter(10000));
  reader.join();
  findCounter(captured, 10000);
  EXPECT_EQ(session.status().underruns, 0u);
  EXPECT_EQ(capture.status().lostFrames, 0u);
}

TEST_F(CaptureServerTest, TwoCapturesAgreeOnTheDevicesCount) {
  OpenSession session = process.open("stepped", 48000);
  OpenCapture first = process.capture("stepped");
  first.take(1000);
  OpenCapture second = process.capture("stepped", 0, 1 << 20, Overflow::DROP_OLDEST);
  session.play(counter(20000));
  const std::size_t inFirst = 1000 + findCounter(first.take(first.ring.available()), 20000);
  const std::size_t inSecond = findCounter(second.take(second.ring.available()), 20000);
  EXPECT_GE(origin(second), origin(first) + 1000);
  EXPECT_EQ(origin(first) + inFirst, origin(second) + inSecond);
}

TEST_F(CaptureServerTest, ACaptureOfTheVirtualDeviceAgreesWithWhatIsSaidOfItsOutput) {
  OpenSession session = process.open("virtual", 48000, 2, 128, 0.2);  // a ring of so long, for a machine that is busy
  OpenCapture capture = process.capture("virtual");
  EXPECT_EQ(capture.clock, "virtual");
  const auto sound = counter(100000);
  std::uint32_t written = session.fill(sound, 0);
  session.ring.setState(WriterState::running);
  // Both pages of one callback, in the middle of the sound.
  ipc::OutputStatus status;
  TimelineMark mark;
  const auto sameCallback = [&] { return mark.nanoseconds - status.nanoseconds == static_cast<std::int64_t>(static_cast<double>(status.latency) * 1e9); };
  do {
    ASSERT_LT(written, 100000u) << "no mark tells of the same callback as OutputStatus does";
    ASSERT_TRUE(session.refill.wait(10000));
    status = session.status();
    mark = capture.mark();
    written = session.fill(sound, written);
  } while (status.playedFrames < 10000 || status.underruns > 0 || !sameCallback());
  const auto captured = capture.take(mark.frame + session.callbackFrames);
  EXPECT_EQ(captured[2 * mark.frame], static_cast<float>(status.playedFrames - session.callbackFrames + 1));
  EXPECT_EQ(status.latency, static_cast<float>(session.deviceLatency));
  EXPECT_EQ(capture.status().latency, static_cast<float>(-session.deviceLatency));
}

TEST_F(CaptureServerTest, AVirtualDeviceThatNobodyPlaysOnIsSilentAndRuns) {
  OpenCapture capture = process.capture("virtual", 1);
  EXPECT_EQ(capture.sampleRate, 48000.0f);
  const auto captured = capture.take(5000);
  ASSERT_EQ(captured.size(), 5000u);
  EXPECT_EQ(std::count(captured.begin(), captured.end(), 0.0f), 5000);
  EXPECT_EQ(capture.status().peak, 0.0f);
  EXPECT_GE(capture.mark().sourceFrame, 5000 - 512u);
}

TEST_F(CaptureServerTest, ASessionThatComesLaterIsHeardByACaptureThatWasThereBefore) {
  OpenCapture capture = process.capture("stepped");
  capture.take(2000);
  OpenSession session = process.open("stepped", 0);
  EXPECT_EQ(session.sampleRate, 48000.0f);
  session.play(counter(5000));
  findCounter(capture.take(capture.ring.available()), 5000);
}

TEST_F(CaptureServerTest, ATapFollowsTheSessionThoughACaptureOpenedAnotherDevice) {
  TemporaryFolder folder;
  OpenCapture capture = process.capture("virtual");
  process.startTap(folder.path("tap.wav"), 1000);
  OpenSession session = process.open("stepped", 48000);
  session.play(counter(2000));
  EXPECT_EQ(process.finishTap(), 1000u);
  const auto sound = counter(1000);
  expectSameBits(readWav(folder.path("tap.wav")).samples, sound, 2);
}

TEST_F(CaptureServerTest, AReaderThatHasStoppedLosesCountedFramesAndNobodyElseDoes) {
  OpenSession session = process.open("virtual", 48000);
  OpenCapture stopped = process.capture("virtual", 0, 2048), stale = process.capture("virtual", 0, 2048, Overflow::DROP_OLDEST),
              reading = process.capture("virtual");
  session.play(counter(20000));
  findCounter(reading.take(reading.ring.available()), 20000);
  EXPECT_EQ(reading.ring.dropped(), 0u);
  EXPECT_GE(stopped.status().lostFrames, 20000 - 2048u);
  EXPECT_GE(stopped.ring.dropped(), 20000 - 2048u);
  EXPECT_GE(stale.status().lostFrames, 20000 - 2048u);
  EXPECT_GE(stale.status().generation, 1u);
  const TimelineMark before = stopped.mark();
  stopped.take(2048);
  while (stopped.mark().generation == before.generation) ASSERT_TRUE(stopped.written.wait(10000)) << "nothing follows the gap";
  const TimelineMark after = stopped.mark();
  EXPECT_GE(after.frame, 2048u);
  EXPECT_GE(after.sourceFrame - after.frame - (before.sourceFrame - before.frame), 20000 - 2048u);
}

TEST_F(CaptureServerTest, ACaptureThatIsDroppedEndsAndTheOthersGoOn) {
  OpenCapture first = process.capture("virtual"), second = process.capture("virtual");
  first.take(100);
  first.capture.closeRequest().send().wait(process.scope());
  EXPECT_EQ(first.ring.writerState(), WriterState::ended);
  first.take(1 << 20);  // what was still in it, and then no more
  EXPECT_EQ(first.ring.available(), 0u);
  EXPECT_EQ(second.ring.writerState(), WriterState::running);
  second.take(second.ring.available() + 1000);
  second.capture = nullptr;
  process.captureError("nowhere");  // a call that comes after the dropping
  EXPECT_EQ(second.ring.writerState(), WriterState::ended);
  EXPECT_EQ(second.status().deviceAlive, 1u);
}

TEST_F(CaptureServerTest, TheServerEndsThoughItsSteppedDeviceWaitsForAProgramThatHasGone) {
  OpenSession session = process.open("stepped", 48000);
  OpenCapture capture = process.capture("stepped", 0, 256);
  session.fill(counter(4000), 0);
  session.ring.setState(WriterState::running);
  while (capture.ring.available() < 256) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(process.hangUp(), 0);
}

TEST_F(CaptureServerTest, AnUnknownInputIsNamedWithThoseThatExist) {
  const std::string text = process.captureError("microphone");
  EXPECT_EQ(text.find("input device 'microphone' is not there; there are: "), 0u) << text;
  EXPECT_NE(text.find("virtual, stepped"), std::string::npos) << text;
  EXPECT_NE(process.captureError("jack").find("no JACK server answers"), std::string::npos);
}

TEST_F(CaptureServerTest, ImpossibleCapturesAreRefusedByName) {
  EXPECT_NE(process.captureError("virtual", 33).find("to 32 channels, not 33"), std::string::npos);
  EXPECT_NE(process.captureError("virtual", 2, 0xffffffff).find("to 16777216 frames, not 4294967295"), std::string::npos);
  EXPECT_NE(process.captureError("virtual", 2, 0, 7).find("refuse or dropOldest, not number 7"), std::string::npos);
  EXPECT_EQ(process.captureError("virtual", 32, 0), "") << "and then it still serves";
  EXPECT_EQ(process.capture("virtual", 2, 0).ring.format().capacityFrames, 32768u) << "half a second, rounded up";
}

TEST_F(CaptureServerTest, ARingIsNeverSmallerThanWhatACallbackDelivers) {
  OpenCapture capture = process.capture("stepped", 2, 1);
  EXPECT_EQ(capture.ring.format().capacityFrames, 128u);
  EXPECT_EQ(capture.take(1000).size(), 2000u);
  EXPECT_EQ(capture.status().lostFrames, 0u);
}

TEST_F(CaptureServerTest, LatencyIsSummedWhileASoundPlaysAndBeginsAnewWhenAsked) {
  OpenSession session = process.open("stepped", 48000);
  const auto sound = counter(4096);
  ASSERT_EQ(session.fill(sound, 0), 4096u);
  session.ring.setState(WriterState::running);
  while (session.status().playedFrames < 4096) ASSERT_TRUE(session.refill.wait(10000));
  // The ring held 3968, 3840 … 0 frames after the 32 callbacks that played, and the device is a callback away from the ear.
  auto status = session.status();
  EXPECT_EQ(status.latencyFrames, 4096u);
  EXPECT_NEAR(status.latencySum / 4096, (3968 / 2.0 + 128) / 48000, 1e-6) << "seconds";
  EXPECT_NEAR(status.latencyLeast, 128 / 48000.0, 1e-6);
  EXPECT_NEAR(status.latencyMost, 4096 / 48000.0, 1e-6);
  session.output.resetLatencyRequest().send().wait(process.scope());  // though the device waits
  status = session.status();
  EXPECT_EQ(status.latencyFrames, 0u);
  EXPECT_EQ(status.latencySum, 0);
  EXPECT_EQ(status.latencyMost, 0.0f);
  session.output.closeRequest().send().wait(process.scope());
  EXPECT_THROW(session.output.resetLatencyRequest().send().wait(process.scope()), kj::Exception);
}

TEST_F(CaptureServerTest, TheTwoWithoutSoundAreListedAsInputsOnTheirOwnClocks) {
  const auto list = process.server().listDevicesRequest().send().wait(process.scope());
  std::vector<std::string> inputs, outputs;
  for (const auto device : list.getDevices()) {
    if (device.getBackend() == "virtual") (device.getInput() ? inputs : outputs).push_back(std::string(device.getId().cStr()) + " on " + device.getClock().cStr());
  }
  EXPECT_EQ(outputs, (std::vector<std::string>{"virtual on virtual", "stepped on stepped"}));
  EXPECT_EQ(inputs, outputs);
}

}  // namespace
}  // namespace backline::audioserver
