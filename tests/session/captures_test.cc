// Captures and device notices, against an audio server that does what the test wants.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/session/rig.h"

namespace backline {
namespace {

using session::Engine;
using namespace test;

session::EngineOptions withFake(const std::vector<std::string>& arguments = {}) {
  session::EngineOptions options;
  options.audioCommand = {BACKLINE_TESTS "/fake_audio"};
  options.audioCommand.insert(options.audioCommand.end(), arguments.begin(), arguments.end());
  options.renderCommand = {BACKLINE_BINARIES "/backline-render"};
  return options;
}

/// Counts how often a capture was lost, and keeps why.
class Loss {
 public:
  void listenTo(session::Capture& capture) {
    capture.onLost([this](std::string reason) {
      const std::lock_guard lock(mutex_);
      reason_ = std::move(reason);
      ++times_;
    });
  }
  std::string await() {
    comesTrue([this] {
      const std::lock_guard lock(mutex_);
      return times_ > 0;
    });
    const std::lock_guard lock(mutex_);
    return reason_;
  }
  int times() {
    const std::lock_guard lock(mutex_);
    return times_;
  }

 private:
  std::mutex mutex_;
  std::string reason_;
  int times_ = 0;
};

/// What the text of the error is; empty if there is none.
template <class Call>
std::string errorOf(Call call) {
  try {
    call();
    return "";
  } catch (const session::EngineError& error) {
    return error.what();
  }
}

TEST(Captures, FramesArriveInAnyProcessThatHasTheRing) {
  Engine engine(withFake());
  const auto capture = engine.openCapture({.device = "counts", .channels = 2, .capacityFrames = 8192});
  const session::CaptureInfo& info = capture->info();
  EXPECT_EQ(info.sampleRate, 48000);
  EXPECT_EQ(info.channels, 2u);
  EXPECT_EQ(info.latency, 0.0125);
  EXPECT_EQ(info.device, "counts");
  EXPECT_EQ(info.deviceId, "id of counts");
  EXPECT_EQ(info.backend, "fake");
  EXPECT_EQ(info.clock, "quartz");
  transport::RingReader reader(transport::SharedMemory::map(capture->ring().duplicate()));
  EXPECT_EQ(reader.format().capacityFrames, 8192u);
  EXPECT_TRUE(transport::NotifyFd::adopt(capture->written().duplicate()).wait(10000));
  std::vector<float> frames(2400 * 2);
  ASSERT_EQ(reader.read(frames.data(), 2400), 2400u);
  for (std::size_t i = 0; i < frames.size(); ++i) ASSERT_EQ(frames[i], static_cast<float>(i / 2)) << "frame " << i / 2;
}

TEST(Captures, TheEnginesInputIsTheDefault) {
  session::EngineOptions withInput = withFake();
  withInput.input = "the usual one";
  Engine engine(withInput);
  EXPECT_EQ(engine.openCapture({})->info().device, "the usual one");
  EXPECT_EQ(engine.openCapture({.device = "another"})->info().device, "another");
}

TEST(Captures, KeepTheAudioServerButStartNoRenderHost) {
  Engine engine(withFake());
  auto first = engine.openCapture({.device = "one"});
  auto second = engine.openCapture({.device = "two"});
  const int pid = engine.helpers().audioPid;
  ASSERT_GT(pid, 0);
  EXPECT_EQ(engine.helpers().renderPid, 0);
  first.reset();
  engine.listDevices();
  EXPECT_EQ(engine.helpers().audioPid, pid) << "a capture is still open";
  second.reset();
  EXPECT_TRUE(gone(pid));
  EXPECT_EQ(engine.helpers().audioPid, 0);
}

TEST(Captures, LostFramesAreWhatTheServerCounts) {
  Engine engine(withFake());
  EXPECT_EQ(engine.openCapture({.device = "loses frames"})->lostFrames(), 12u);
  EXPECT_EQ(engine.openCapture({.device = "counts"})->lostFrames(), 0u);
}

TEST(Captures, ADeviceThatGoesIsSaidOnceByName) {
  Engine engine(withFake());
  for (const std::string device : {"vanishes", "ends"}) {
    const auto capture = engine.openCapture({.device = device});
    Loss loss;
    loss.listenTo(*capture);
    EXPECT_NE(loss.await().find("'" + device + "'"), std::string::npos) << loss.await();
    // Whoever asks later has been told; nobody is told twice.
    loss.listenTo(*capture);
    engine.listDevices();
    EXPECT_EQ(loss.times(), 1);
  }
}

TEST(Captures, WhoeverAsksAfterTheLossIsToldAtOnce) {
  Engine engine(withFake());
  const auto capture = engine.openCapture({.device = "vanishes"});
  const auto other = engine.openCapture({.device = "vanishes"});
  Loss early, late;
  early.listenTo(*other);
  early.await();
  // The other one's was later: so is this one's by now, or soon.
  comesTrue([&] {
    late.listenTo(*capture);
    return late.times() > 0;
  });
  EXPECT_EQ(late.times(), 1);
}

TEST(Captures, AServerThatDiesAgainAndAgainIsSaidWithHowItEndedAndTheNextCallStartsAnother) {
  Engine engine(withFake());
  const auto beside = engine.openCapture({.device = "counts"});
  const int pid = engine.helpers().audioPid;
  const auto dying = engine.openCapture({.device = "dies"});
  Loss loss, lossBeside;
  loss.listenTo(*dying);
  lossBeside.listenTo(*beside);
  for (Loss* one : {&loss, &lossBeside}) {
    const std::string reason = one->await();
    EXPECT_NE(reason.find("backline-audio"), std::string::npos) << reason;
    EXPECT_NE(reason.find("exit status 7"), std::string::npos) << reason;
  }
  const auto next = engine.openCapture({.device = "counts"});
  EXPECT_NE(engine.helpers().audioPid, pid);
  EXPECT_EQ(loss.times(), 1);
  EXPECT_EQ(lossBeside.times(), 1);
}

TEST(Captures, AServerThatDiesInTheCallIsItsFailure) {
  Engine engine(withFake());
  const std::string error = errorOf([&] { engine.openCapture({.device = "dies at once"}); });
  EXPECT_NE(error.find("exit status 7"), std::string::npos) << error;
  EXPECT_EQ(engine.openCapture({.device = "counts"})->info().device, "counts");
}

TEST(Captures, ACommandThatCannotBeStartedIsNamed) {
  session::EngineOptions wrong = withFake();
  wrong.audioCommand = {"/nonexistent/backline-audio"};
  Engine engine(wrong);
  const std::string error = errorOf([&] { engine.openCapture({}); });
  EXPECT_NE(error.find("/nonexistent/backline-audio"), std::string::npos) << error;
}

TEST(Captures, ARenderHostThatCannotBeStartedFailsTheOpeningAndLeavesNothingRunning) {
  session::EngineOptions wrong = withFake();
  wrong.renderCommand = {"/nonexistent/backline-render"};
  Engine engine(wrong);
  const std::string error = errorOf([&] { engine.open({}); });
  EXPECT_NE(error.find("/nonexistent/backline-render"), std::string::npos) << error;
  EXPECT_TRUE(comesTrue([&] { return engine.helpers().audioPid == 0; })) << "the audio server was left running";
}

TEST(Captures, ImpossibleOptionsAreRefusedByName) {
  Engine engine(withFake());
  const auto refused = [&](session::CaptureOptions wrong, const std::string& name) {
    try {
      engine.openCapture(wrong);
      ADD_FAILURE() << name << " was taken";
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  };
  refused({.channels = 33}, "channels");
  refused({.capacityFrames = (1u << 24) + 1}, "capacityFrames");
  refused({.overflow = static_cast<transport::Overflow>(9)}, "overflow");
  EXPECT_EQ(engine.helpers().audioPid, 0) << "nobody had to be asked";
}

TEST(Captures, WhatTheServerHandsOverIsChecked) {
  Engine engine(withFake());
  for (const std::string wrong : {"pipe as ring", "page as ring", "pipe as written", "no page", "ring as page", "lies about channels"}) {
    const std::string error = errorOf([&] { engine.openCapture({.device = wrong}); });
    EXPECT_NE(error, "") << wrong << " was taken";
    const std::string named = wrong.substr(wrong.rfind(' ') + 1);
    EXPECT_NE(error.find(named), std::string::npos) << wrong << " was answered with '" << error << "'";
  }
  for (const std::string wrong : {"pipe as ring", "page as ring", "no page", "ring as page"}) {
    const std::string error = errorOf([&] { engine.open({.device = wrong}); });
    EXPECT_NE(error.find(wrong.substr(wrong.rfind(' ') + 1)), std::string::npos) << wrong << " was answered with '" << error << "'";
  }
  EXPECT_TRUE(comesTrue([&] { return engine.helpers().audioPid == 0; })) << "refused ones keep the server";
}

TEST(Devices, ChangesAreToldByEveryServerThatIsStarted) {
  Engine engine(withFake());
  std::atomic<int> times{0};
  engine.onDevicesChanged([&times] { ++times; });
  for (int server = 1; server <= 2; ++server) {
    const auto capture = engine.openCapture({.device = "counts"});
    const int before = times;
    const Engine::DeviceList list = engine.listDevices();
    ASSERT_EQ(list.devices.size(), 1u);
    EXPECT_EQ(list.devices[0].clock, "quartz");
    EXPECT_TRUE(list.devices[0].input);
    EXPECT_TRUE(comesTrue([&] { return times > before; })) << "server " << server << " told of nothing";
    const int pid = engine.helpers().audioPid;
    kill(pid, SIGKILL);
    EXPECT_TRUE(comesTrue([&] { return engine.helpers().audioPid > 0 && engine.helpers().audioPid != pid; })) << "the capture goes on at no other";
  }
}

TEST(Devices, WhoeverAsksWhileAServerRunsIsToldFromThenOnUntilHeHasEnough) {
  Engine engine(withFake());
  const auto capture = engine.openCapture({.device = "counts"});
  std::atomic<int> times{0};
  engine.onDevicesChanged([&times] { ++times; });
  engine.listDevices();
  EXPECT_TRUE(comesTrue([&] { return times > 0; }));
  engine.onDevicesChanged(nullptr);
  const int before = times;
  engine.listDevices();
  engine.listDevices();
  EXPECT_EQ(times, before);
}

TEST(Devices, WhoeverIsToldKeepsAnAudioServerThoughNothingPlaysAndAnotherIfItDies) {
  Engine engine(withFake());
  std::atomic<int> times{0};
  engine.onDevicesChanged([&times] { ++times; });
  const int pid = engine.helpers().audioPid;
  ASSERT_GT(pid, 0);
  engine.openCapture({.device = "counts"}).reset();
  engine.listDevices();
  EXPECT_EQ(engine.helpers().audioPid, pid);
  const int before = times;
  kill(pid, SIGKILL);
  ASSERT_TRUE(comesTrue([&] { return engine.helpers().audioPid > 0 && engine.helpers().audioPid != pid; })) << "nobody watches any more";
  EXPECT_TRUE(comesTrue([&] { return times > before; })) << "what changed between the two is told by nobody";
  engine.onDevicesChanged(nullptr);
  EXPECT_TRUE(comesTrue([&] { return engine.helpers().audioPid == 0; }));
}

TEST(Devices, AreListedWithoutWaiting) {
  Engine engine(withFake());
  std::atomic<int> count{-1};
  engine.listDevices([&count](Engine::DeviceList list, std::string error) { count = error.empty() ? static_cast<int>(list.devices.size()) : -2; });
  EXPECT_TRUE(comesTrue([&] { return count == 1; }));
  session::EngineOptions with = options("virtual");
  with.audioCommand = {"/bin/false"};
  Engine broken(with);
  std::atomic<bool> told{false};
  broken.listDevices([&told](Engine::DeviceList, std::string error) { told = error.find("exit status 1") != std::string::npos; });
  EXPECT_TRUE(comesTrue([&] { return told.load(); })) << "how it ended is not said";
}

TEST(Devices, AServerThatRefusesToWatchIsNoSecret) {
  Engine engine(withFake({"--blind"}));
  {
    const auto capture = engine.openCapture({.device = "counts"});
    EXPECT_NE(errorOf([&] { engine.onDevicesChanged([] {}); }).find("watches nothing"), std::string::npos);
  }
  EXPECT_NE(errorOf([&] { engine.openCapture({.device = "counts"}); }).find("watches nothing"), std::string::npos);
}

}  // namespace
}  // namespace backline
