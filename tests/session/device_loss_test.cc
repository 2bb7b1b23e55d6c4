// Devices that go and come back while a session plays on them: sound servers of the test's own lose a sink, are killed, are started again.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <sstream>

#include "audioserver/gap_fade.h"
#include "sound_server.h"
#include "tests/session/rig.h"

namespace backline {
namespace {

using audioserver::test::JackServer;
using audioserver::test::PulseServer;
using session::Engine;
using namespace test;

constexpr float kRate = 48000;
constexpr float kTone = 100;        // Hz
constexpr float kLoudness = 0.5f;
constexpr double kTurn = 2 * 3.14159265358979 * kTone / kRate;
constexpr const char* kSink = "sink_name=out rate=48000 channels=2 format=float32le norewinds=1";

std::vector<std::byte> tone() {
  Batch batch;
  batch.node(1, render::kDestination).node(2, render::kOscillator).node(3, render::kGain);
  batch.connect(2, 3).connect(3, 1).setValue(2, 0, kTone, 0).setValue(3, 0, kLoudness, 0).start(2, 0);
  return batch.run().takeBytes();
}

/// A session that is heard by a tap, and all that is said of where it plays.
class Playing {
 public:
  Playing(const std::string& device, const std::string& name) : tap_(name), engine_(optionsFor(tap_)) {
    session_ = engine_.open({.device = device, .sampleRate = kRate, .latency = 0.1});
    session_->onOutputChanged([this](session::OutputChanged change) {
      const std::lock_guard lock(mutex_);
      changes_.push_back(std::move(change));
    });
    session_->commit(tone());
    goesOn();
  }

  session::Session& session() { return *session_; }
  Engine& engine() { return engine_; }

  /// Context time and the device both go on.
  void goesOn() {
    const session::Timing before = session_->timing();
    ASSERT_TRUE(comesTrue([&] {
      const session::Timing now = session_->timing();
      return now.frame >= before.frame + 4800 && now.playedFrame >= before.playedFrame + 4800;
    })) << "it does not play";
  }

  /// Waits for the change of this number, counted from 1, and checks that it leads to `device`.
  session::OutputChanged change(std::size_t number, const std::string& device) {
    const auto come = [&] {
      const std::lock_guard lock(mutex_);
      return changes_.size() >= number;
    };
    if (!comesTrue(come)) {
      ADD_FAILURE() << "it has not moved to " << device;
      return {};
    }
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(changes_[number - 1].info.deviceId, device);
    return changes_[number - 1];
  }

  /// Ends it. The tap never stepped further than the tone or a fade does.
  Recording end() {
    session_.reset();
    engine_.finishTap();
    Recording heard = readWav(tap_.path);
    const double steepest = kLoudness * std::max(kTurn, 1.6 / audioserver::kFadeFrames) * 1.1;
    for (std::size_t i = 1; i < heard.frames(); ++i) {
      if (std::fabs(heard.at(i, 0) - heard.at(i - 1, 0)) <= steepest) continue;
      ADD_FAILURE() << "a click after " << i << " of " << heard.frames() << " frames";
      break;
    }
    return heard;
  }

 private:
  static session::EngineOptions optionsFor(const TemporaryFile& tap) {
    session::EngineOptions made = options("");
    made.tapPath = tap.path;
    return made;
  }

  const TemporaryFile tap_;
  std::mutex mutex_;
  std::vector<session::OutputChanged> changes_;
  Engine engine_;
  std::unique_ptr<session::Session> session_;
};

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
