// Devices that go and come back while a session plays on them: sound servers of the test's own lose a sink, are killed, are started again.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "sound_server.h"
#include "tests/session/playing.h"

namespace backline {
namespace {

using audioserver::test::JackServer;
using audioserver::test::PulseServer;
using namespace test;

constexpr const char* kSink = "sink_name=out rate=48000 channels=2 format=float32le norewinds=1";

class PulseLoss : public testing::Test {
 protected:
  void SetUp() override {
    if (!audioserver::test::installed("pulseaudio")) GTEST_SKIP() << "pulseaudio is not installed";
    setenv("JACK_DEFAULT_SERVER", "backline-test-none", 1);
    pulse = std::make_unique<PulseServer>();
  }
  void load(const std::string& sink) {
    std::vector<std::string> arguments{"load-module", "module-null-sink"};
    std::istringstream words(sink);
    for (std::string word; words >> word;) arguments.push_back(word);
    pulse->control(arguments);
  }
  void unload(const std::string& name) {
    std::istringstream modules(pulse->control({"list", "short", "modules"}));
    for (std::string line; std::getline(modules, line);) {
      if (line.find("sink_name=" + name + " ") != std::string::npos) pulse->control({"unload-module", line.substr(0, line.find('\t'))});
    }
  }
  std::unique_ptr<PulseServer> pulse;
};

TEST_F(PulseLoss, ANamedDeviceThatVanishesIsReplacedByTheVirtualOneUntilItIsBack) {
  Playing playing("pulse:out", "vanishes");
  unload("out");
  const session::OutputChanged away = playing.change(1, "virtual");
  EXPECT_NE(away.lost.find("'pulse:out' has gone"), std::string::npos) << away.lost;
  playing.goesOn();
  load(kSink);
  EXPECT_EQ(playing.change(2, "pulse:out").lost, "");
  playing.goesOn();
  const std::uint64_t played = playing.session().timing().playedFrame;
  EXPECT_GE(playing.end().frames(), played) << "the tap went along";
}

TEST_F(PulseLoss, TheDefaultThatVanishesIsReplacedByTheOneThatIsLeft) {
  Playing playing("", "default");
  EXPECT_EQ(playing.session().info().deviceId, "pulse:out");
  unload("out");
  const session::OutputChanged away = playing.change(1, "pulse:wide");
  EXPECT_EQ(away.info.sampleRate, kRate) << "the session keeps its rate";
  EXPECT_EQ(away.info.maxChannels, 6u);
  playing.goesOn();
  playing.end();
}

TEST_F(PulseLoss, ASessionOnTheDefaultFollowsAnotherDefault) {
  Playing playing("", "follows");
  Playing stays("pulse:out", "stays");
  pulse->control({"set-default-sink", "wide"});
  EXPECT_EQ(playing.change(1, "pulse:wide").lost, "") << "it is still there";
  playing.goesOn();
  pulse->control({"set-default-sink", "out"});
  playing.change(2, "pulse:out");
  playing.goesOn();
  stays.goesOn();
  load("sink_name=late rate=48000 channels=2 format=float32le norewinds=1");
  pulse->control({"set-default-sink", "late"});
  playing.change(3, "pulse:late");
  unload("late");
  playing.change(4, "pulse:out");
  playing.goesOn();
  playing.end();
  stays.end();
}

TEST_F(PulseLoss, AServerThatIsKilledIsReplacedByTheVirtualDeviceUntilAnotherIsThere) {
  Playing playing("pulse:out", "restarts");
  pulse->kill();
  EXPECT_NE(playing.change(1, "virtual").lost, "");
  playing.goesOn();
  pulse->restart();
  playing.change(2, "pulse:out");
  playing.goesOn();
  EXPECT_EQ(playing.session().timing().state, session::State::running);
  playing.end();
}

TEST_F(PulseLoss, ADeviceThatComesBackWithAnotherRateAndMoreChannelsIsPlayedOn) {
  Playing playing("pulse:out", "differs");
  unload("out");
  playing.change(1, "virtual");
  load("sink_name=out rate=44100 channels=6 format=float32le norewinds=1");
  EXPECT_EQ(playing.change(2, "pulse:out").info.maxChannels, 6u);
  playing.goesOn();
  playing.end();
}

TEST_F(PulseLoss, ADeviceOfEighteenChannelsIsPlayedOn) {
  load("sink_name=eighteen rate=48000 channels=18 format=float32le norewinds=1");
  Playing playing("pulse:eighteen", "eighteen");
  EXPECT_EQ(playing.session().info().maxChannels, 18u);
  audioserver::test::PulseCapture capture(*pulse, "eighteen.monitor", 18);
  const std::vector<float> heard = capture.take(24000);
  std::vector<float> loudest(18);
  for (std::size_t i = 0; i < heard.size(); ++i) loudest[i % 18] = std::max(loudest[i % 18], std::fabs(heard[i]));
  // PulseAudio places them by the speakers' names, and lets others have a share.
  EXPECT_EQ(std::count_if(loudest.begin(), loudest.end(), [](float peak) { return std::fabs(peak - kLoudness) < 0.01f; }), 2);
  EXPECT_EQ(loudest[17], 0.0f);
  EXPECT_GT(playing.end().frames(), 0u);
}

class JackLoss : public testing::Test {
 protected:
  void SetUp() override {
    if (!audioserver::test::installed("jackd")) GTEST_SKIP() << "jackd is not installed";
    setenv("PULSE_SERVER", "unix:/nowhere/backline-test-none", 1);
    jack = std::make_unique<JackServer>();
  }
  std::unique_ptr<JackServer> jack;
};

TEST_F(JackLoss, AServerThatIsKilledIsReplacedByTheVirtualDeviceUntilAnotherIsThere) {
  Playing playing("", "jack");
  EXPECT_EQ(playing.session().info().deviceId, "jack:playback");
  for (std::size_t death = 0; death < 3; ++death) {
    jack->kill();
    EXPECT_NE(playing.change(2 * death + 1, "virtual").lost, "");
    playing.goesOn();
    jack->restart();
    playing.change(2 * death + 2, "jack:playback");
    playing.goesOn();
  }
  playing.end();
}

TEST_F(JackLoss, AServerThatComesBackAtAnotherRateIsPlayedOn) {
  Playing playing("jack", "jack-rate");
  jack->kill();
  playing.change(1, "virtual");
  jack->restart(44100);
  EXPECT_EQ(playing.change(2, "jack:playback").info.sampleRate, kRate);
  playing.goesOn();
  EXPECT_GT(playing.session().timing().outputLatency, 0);
  playing.end();
}

}  // namespace
}  // namespace backline
