#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "fake_session.h"
#include "ipc/ring_target.h"
#include "server_process.h"
#include "tests/support/seed.h"

namespace backline::audioserver {
namespace {

using namespace test;
using transport::WriterState;

/// No server of the machine's answers, so that only what is always there is there.
class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    setenv("JACK_DEFAULT_SERVER", "backline-test-none", 1);
    setenv("PULSE_SERVER", "unix:/nowhere/backline-test-none", 1);
  }
  ~ServerTest() noexcept override {}

  ServerProcess process;
  TemporaryFolder folder;
};

std::vector<float> randomSound(std::uint32_t frames, std::uint32_t channels = 2) {
  std::mt19937_64 random(backline::test::seed());
  return noise(random, std::size_t{frames} * channels);
}

TEST_F(ServerTest, TheTapOfASteppedDeviceIsTheSessionBitForBit) {
  process.startTap(folder.path("tap.wav"));
  OpenSession session = process.open("stepped", 44100);
  EXPECT_EQ(session.callbackFrames, 128u);
  const auto sound = randomSound(30000);
  session.play(sound);
  EXPECT_EQ(session.status().underruns, 0u);
  session.output = nullptr;
  process.finishTap();
  const Recording tap = readWav(folder.path("tap.wav"));
  EXPECT_EQ(tap.sampleRate, 44100u);
  ASSERT_EQ(tap.channels, 2u);
  ASSERT_GE(tap.samples.size(), sound.size());
  expectSameBits({tap.samples.begin(), tap.samples.begin() + static_cast<std::ptrdiff_t>(sound.size())}, sound, 2);
}

TEST_F(ServerTest, ASteppedDeviceWaitsForAWriterThatIsSlow) {
  process.startTap(folder.path("tap.wav"), 4096);
  OpenSession session = process.open("stepped", 48000);
  const auto sound = randomSound(4096);
  session.ring.setState(WriterState::running);
  for (std::uint32_t frame = 0; frame < 4096; frame += 64) {
    ASSERT_EQ(session.ring.write(sound.data() + 2 * frame, 64), 64u);
    std::this_thread::sleep_for(std::chrono::milliseconds(frame % 512 == 0 ? 20 : 0));
  }
  EXPECT_EQ(process.finishTap(), 4096u);
  EXPECT_EQ(session.status().underruns, 0u);
  expectSameBits(readWav(folder.path("tap.wav")).samples, sound, 2);
}

TEST_F(ServerTest, TwoSessionsOnASteppedDeviceStayInStep) {
  OpenSession first = process.open("stepped", 48000, 1), second = process.open("stepped", 48000, 1);
  const std::vector<float> sound(4096, 0.25f);
  ASSERT_EQ(first.fill(sound, 0), 4096u);
  ASSERT_EQ(second.fill(sound, 0), 4096u);
  process.startTap(folder.path("tap.wav"), 4096);
  first.ring.setState(WriterState::running);
  second.ring.setState(WriterState::running);
  EXPECT_EQ(process.finishTap(), 4096u);
  EXPECT_EQ(first.status().underruns + second.status().underruns, 0u);
  const auto heard = readWav(folder.path("tap.wav")).samples;
  EXPECT_EQ(heard[1000], 0.5f);
}

TEST_F(ServerTest, ATapStopsAtItsLimitExactly) {
  process.startTap(folder.path("tap.wav"), 1001);
  OpenSession session = process.open("stepped", 48000);
  const auto sound = randomSound(2000);
  session.play(sound);
  EXPECT_EQ(process.finishTap(), 1001u);
  const Recording tap = readWav(folder.path("tap.wav"));
  expectSameBits(tap.samples, {sound.begin(), sound.begin() + 2002}, 2);
}

TEST_F(ServerTest, ATapBeginsWithTheFirstSessionsFirstFrame) {
  OpenSession session = process.open("virtual", 48000);
  process.startTap(folder.path("tap.wav"), 512);
  while (session.page.version() < 5) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto sound = randomSound(4096);
  ASSERT_EQ(session.fill(sound, 0), 4096u);
  session.ring.setState(WriterState::running);
  EXPECT_EQ(process.finishTap(), 512u);
  expectSameBits(readWav(folder.path("tap.wav")).samples, {sound.begin(), sound.begin() + 1024}, 2);
}

TEST_F(ServerTest, ATapOfNothingIsAnEmptyWav) {
  process.startTap(folder.path("tap.wav"));
  EXPECT_EQ(process.finishTap(), 0u);
  EXPECT_EQ(readWav(folder.path("tap.wav")).samples.size(), 0u);
}

TEST_F(ServerTest, ATapThatCannotBeWrittenIsNamed) {
  try {
    process.startTap(folder.path("missing/tap.wav"));
    FAIL() << "it started";
  } catch (const kj::Exception& error) {
    const std::string text = ipc::errorText(error);
    EXPECT_NE(text.find("missing/tap.wav"), std::string::npos) << text;
    EXPECT_NE(text.find("No such file"), std::string::npos) << text;
  }
}

TEST_F(ServerTest, ATapIsReadableWhenTheServerIsKilled) {
  process.startTap(folder.path("tap.wav"));
  OpenSession session = process.open("stepped", 48000);
  const auto sound = randomSound(20000);
  session.play(sound);
  const auto full = [&] { return std::filesystem::file_size(folder.path("tap.wav")) >= sound.size() * sizeof(float); };
  while (!full()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(process.process().pid(), SIGKILL);
  process.hangUp();
  const Recording tap = readWav(folder.path("tap.wav"));
  ASSERT_GE(tap.samples.size(), sound.size());
  expectSameBits({tap.samples.begin(), tap.samples.begin() + static_cast<std::ptrdiff_t>(sound.size())}, sound, 2);
}

TEST_F(ServerTest, ATapIsFinishedWhenTheProgramGoes) {
  process.startTap(folder.path("tap.wav"));
  OpenSession session = process.open("stepped", 48000);
  const auto sound = randomSound(5000);
  session.play(sound);
  EXPECT_EQ(process.hangUp(), 0);
  const Recording tap = readWav(folder.path("tap.wav"));
  ASSERT_GE(tap.samples.size(), sound.size());
  expectSameBits({tap.samples.begin(), tap.samples.begin() + static_cast<std::ptrdiff_t>(sound.size())}, sound, 2);
}

TEST_F(ServerTest, TheVirtualDeviceTakesTheFirstSessionsRateAndConvertsTheOthers) {
  OpenSession first = process.open("virtual", 44100), second = process.open("virtual", 48000), third = process.open("virtual", 0);
  EXPECT_EQ(first.callbackFrames, 512u);
  EXPECT_GT(second.callbackFrames, 557u) << "512 device frames are 557.3 of the session's";
  EXPECT_EQ(third.sampleRate, 44100.0f);
  second.play(sine(440, 48000, 20000, 2));
  EXPECT_EQ(second.status().underruns, 0u);
  EXPECT_EQ(second.status().playedFrames, 20000u);
}

TEST_F(ServerTest, AVirtualDeviceTakesLongerPeriodsWhereLatencyIsAllowed) {
  EXPECT_EQ(process.open("virtual", 48000, 2, 128, 0.1).callbackFrames, 2176u);
}

TEST_F(ServerTest, WithoutAnyServerTheDefaultIsTheVirtualDevice) {
  if (std::filesystem::exists("/dev/snd")) GTEST_SKIP() << "this machine has sound hardware";
  EXPECT_EQ(process.open("", 48000).deviceId, "virtual");
}

TEST_F(ServerTest, AnUnknownDeviceIsNamedWithThoseThatExist) {
  const std::string text = process.openError("loudspeaker");
  EXPECT_EQ(text.find("device 'loudspeaker' is not there; there are: "), 0u) << text;
  EXPECT_NE(text.find("virtual, stepped"), std::string::npos) << text;
}

TEST_F(ServerTest, ABackendThatDoesNotAnswerSaysWhatToDo) {
  const std::string text = process.openError("jack");
  EXPECT_NE(text.find("no JACK server answers; start jackd"), std::string::npos) << text;
}

TEST_F(ServerTest, ImpossibleRequestsAreRefusedByName) {
  EXPECT_NE(process.openError("virtual", -1).find("sample rate"), std::string::npos);
  EXPECT_NE(process.openError("virtual", std::nanf("")).find("sample rate"), std::string::npos);
  EXPECT_NE(process.openError("virtual", 48000, 0).find("1 to 32 channels"), std::string::npos);
  EXPECT_NE(process.openError("virtual", 48000, 33).find("1 to 32 channels"), std::string::npos);
  EXPECT_NE(process.openError("virtual", 48000, 2, ipc::kMostQuantum + 1).find("quantum"), std::string::npos);
  EXPECT_NE(process.openError("virtual", 48000, 2, 128, -1).find("latency"), std::string::npos);
  EXPECT_EQ(process.openError("virtual"), "") << "and then it still serves";
}

TEST_F(ServerTest, WhatIsDescribedIsWhatIsOpened) {
  auto request = process.server().describeOutputRequest();
  request.setDevice("stepped");
  const auto answer = request.send().wait(process.scope());
  EXPECT_STREQ(answer.getDevice().getId().cStr(), "stepped");
}

TEST_F(ServerTest, TheListHasEveryBackendAndAlwaysTheTwoWithoutSound) {
  const auto list = process.server().listDevicesRequest().send().wait(process.scope());
  std::vector<std::string> backends, devices;
  for (const auto backend : list.getBackends()) {
    backends.push_back(backend.getName().cStr());
    EXPECT_GT(backend.getDetail().size(), 0u) << backends.back();
  }
  for (const auto device : list.getDevices()) devices.push_back(device.getId().cStr());
  EXPECT_EQ(backends, (std::vector<std::string>{"jack", "pulse", "alsa", "virtual"}));
  ASSERT_GE(devices.size(), 4u);
  const std::vector<std::string> last(devices.end() - 4, devices.end());
  EXPECT_EQ(last, (std::vector<std::string>{"virtual", "stepped", "virtual", "stepped"})) << "outputs, then what they play as inputs";
}

TEST_F(ServerTest, AnUnderrunIsCountedForTheSessionThatHadIt) {
  OpenSession starving = process.open("virtual", 48000), fed = process.open("virtual", 48000);
  const std::vector<float> sound(2 * 2048, 0.25f);
  starving.fill(sound, 0);
  starving.ring.setState(WriterState::running);
  fed.play(std::vector<float>(2 * 12000, 0.25f));
  EXPECT_GT(starving.status().underruns, 0u);
  EXPECT_GT(starving.status().underrunFrames, 0u);
  EXPECT_EQ(starving.status().playedFrames, 2048u);
  EXPECT_EQ(fed.status().playedFrames, 12000u);
}

TEST_F(ServerTest, ARingScribbledOnLeavesTheOtherSessionAsItWas) {
  process.startTap(folder.path("tap.wav"));
  OpenSession good = process.open("virtual", 48000), bad = process.open("virtual", 48000);
  std::atomic<bool> over{false};
  std::thread vandal([&] {
    std::mt19937_64 random(backline::test::seed());
    const auto bytes = bad.ring.memory().bytes();
    while (!over) {
      const std::size_t counters = 4096 < bytes.size() ? 4096 : bytes.size();
      for (int i = 0; i < 64; ++i) bytes[random() % counters] = static_cast<std::byte>(random());
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  });
  good.play(std::vector<float>(2 * 20000, 0.25f));
  over = true;
  vandal.join();
  EXPECT_EQ(good.status().playedFrames, 20000u);
  EXPECT_EQ(process.openError("virtual"), "") << "the server still serves";
}

TEST_F(ServerTest, ClosedSessionsLeaveTheDeviceToTheNextOnesWish) {
  {
    OpenSession first = process.open("stepped", 44100, 2, 128);
    first.play(std::vector<float>(2 * 1024, 0.1f));
    first.output.closeRequest().send().wait(process.scope());
  }
  // The fade takes a callback or two.
  for (int tries = 0; tries < 500; ++tries) {
    if (process.open("stepped", 0, 2, 256).callbackFrames == 256) return;
    process.timer().afterDelay(10 * kj::MILLISECONDS).wait(process.scope());
  }
  FAIL() << "the device kept the first session's quantum";
}

TEST_F(ServerTest, TheServerEndsWhenItsProgramGoes) {
  OpenSession session = process.open("virtual", 48000);
  session.fill(std::vector<float>(2 * 4096, 0.25f), 0);
  session.ring.setState(WriterState::running);
  const int pid = process.process().pid();
  EXPECT_EQ(process.hangUp(), 0);
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST_F(ServerTest, TheServerEndsThoughASteppedDeviceWaits) {
  OpenSession session = process.open("stepped", 48000);
  session.ring.setState(WriterState::running);  // and nothing is ever written
  EXPECT_EQ(process.hangUp(), 0);
}

TEST_F(ServerTest, TheServerEndsInOrderWhenTerminatedAndOutlivesAnInterrupt) {
  process.open("virtual", 48000);
  kill(process.process().pid(), SIGINT);
  EXPECT_EQ(process.openError("virtual"), "");
  kill(process.process().pid(), SIGTERM);
  EXPECT_EQ(process.process().finish(10000), 0);
}

TEST_F(ServerTest, TheServerIsShownByItsName) {
  process.open("virtual", 48000);
  std::ifstream name("/proc/" + std::to_string(process.process().pid()) + "/comm");
  std::string text;
  std::getline(name, text);
  EXPECT_EQ(text, "backline-audio");
}

}  // namespace
}  // namespace backline::audioserver
