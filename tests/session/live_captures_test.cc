// Captures from the real audio server: what a session plays on a virtual device comes back to the program, frame for frame, whatever the
// reader's pace and whoever stops or dies.

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "tests/session/rig.h"
#include "transport/error.h"

namespace backline {
namespace {

using namespace render;
using namespace test;
using session::Engine;

constexpr std::size_t kRamp = 24000;   // frames

float rampAt(std::size_t frame) { return static_cast<float>(frame + 1) / 32768; }

class Reader {
 public:
  explicit Reader(session::Capture& capture) : reader_(transport::SharedMemory::map(capture.ring().duplicate())) {}
  /// What has come by now.
  std::size_t take() {
    std::vector<float> frames(std::size_t{reader_.format().capacityFrames} * reader_.format().channels);
    const std::uint32_t got = reader_.read(frames.data(), reader_.format().capacityFrames);
    for (std::uint32_t i = 0; i < got; ++i) heard.push_back(frames[std::size_t{i} * reader_.format().channels]);
    return got;
  }
  bool takeUntil(std::size_t frames) {
    return comesTrue([&] {
      take();
      return heard.size() >= frames;
    });
  }
  bool takeUntilHeard(float value) {
    return comesTrue([&] {
      const std::size_t before = heard.size();
      take();
      return std::find(heard.begin() + static_cast<std::ptrdiff_t>(before), heard.end(), value) != heard.end();
    });
  }
  std::vector<float> heard;   // the first channel

 private:
  transport::RingReader reader_;
};

/// A session that plays a ramp once, and a capture of what its device plays.
struct Loop {
  explicit Loop(const std::string& device, const session::CaptureOptions& captureOptions)
      : engine(options(device)), session(engine.open({.sampleRate = kRate, .channels = 1})), notices(*session), capture(engine.openCapture(captureOptions)), reader(*capture) {
    std::vector<float> ramp(kRamp);
    for (std::size_t i = 0; i < kRamp; ++i) ramp[i] = rampAt(i);
    const float* const channels[] = {ramp.data()};
    session->shareBuffer(9, kRate, kRamp, channels);
    batch.node(1, kDestination).node(2, kAudioBufferSource).connect(2, 1).add(2, SetField{0, 9}).start(2, 0.1);
  }
  void play() { session->commit(batch.run().takeBytes()); }
  /// The ramp stands in what was heard from its second frame to its last, whole.
  void expectRamp() {
    const auto first = std::find(reader.heard.begin(), reader.heard.end(), rampAt(1));
    ASSERT_NE(first, reader.heard.end()) << "the ramp never came, in " << reader.heard.size() << " frames; the loudest " << *std::max_element(reader.heard.begin(), reader.heard.end()) << " at "
                                         << std::max_element(reader.heard.begin(), reader.heard.end()) - reader.heard.begin();
    const auto begin = static_cast<std::size_t>(first - reader.heard.begin());
    ASSERT_GE(reader.heard.size() - begin, kRamp - 1) << "frames of the ramp";
    for (std::size_t i = 1; i < kRamp; ++i) ASSERT_EQ(reader.heard[begin + i - 1], rampAt(i)) << "frame " << i << " of the ramp";
  }

  Engine engine;
  std::unique_ptr<session::Session> session;
  Notices notices;
  std::unique_ptr<session::Capture> capture;
  Reader reader;
  Batch batch;
};

TEST(LiveCaptures, WhatASessionPlaysComesBackFrameForFrame) {
  Loop loop("stepped", {.device = "stepped", .channels = 1, .overflow = transport::Overflow::refuse});
  EXPECT_EQ(loop.capture->info().sampleRate, kRate);
  EXPECT_EQ(loop.capture->info().clock, loop.session->info().clock) << "they run from one clock";
  loop.play();
  ASSERT_TRUE(loop.reader.takeUntilHeard(rampAt(kRamp - 1)));
  loop.expectRamp();
  EXPECT_EQ(loop.capture->lostFrames(), 0u);
}

TEST(LiveCaptures, ASlowReaderHoldsASteppedDeviceUpAndLosesNothing) {
  Loop loop("stepped", {.device = "stepped", .channels = 1, .capacityFrames = 1024, .overflow = transport::Overflow::refuse});
  loop.play();
  std::uint64_t last = ~0ull;
  ASSERT_TRUE(comesTrue([&] { return std::exchange(last, loop.session->timing().playedFrame) == loop.session->timing().playedFrame; })) << "nobody waits for the reader";
  ASSERT_TRUE(loop.reader.takeUntilHeard(rampAt(kRamp - 1)));
  loop.expectRamp();
  EXPECT_EQ(loop.capture->lostFrames(), 0u);
  EXPECT_EQ(loop.session->timing().underruns, 0u);
}

TEST(LiveCaptures, AReaderThatStopsLosesTheOldestFramesAndTheDevicePlaysOn) {
  Loop loop("virtual", {.device = "virtual", .channels = 1, .capacityFrames = 1024, .overflow = transport::Overflow::dropOldest});
  loop.play();
  ASSERT_TRUE(comesTrue([&] { return loop.session->timing().playedFrame > 24000; }));
  EXPECT_GT(loop.capture->lostFrames(), 0u) << "what was lost is not counted";
  EXPECT_LE(loop.reader.take(), 1024u);
  EXPECT_TRUE(loop.reader.takeUntil(4800)) << "it goes on for whoever reads again";
}

TEST(LiveCaptures, AStoppedAudioServerBringsNothingAndGoesOn) {
  Loop loop("stepped", {.device = "stepped", .channels = 1, .overflow = transport::Overflow::refuse});
  loop.play();
  ASSERT_TRUE(loop.reader.takeUntilHeard(rampAt(kRamp / 4)));
  kill(loop.engine.helpers().audioPid, SIGSTOP);
  ASSERT_TRUE(comesTrue([&] { return loop.reader.take() == 0; }));
  kill(loop.engine.helpers().audioPid, SIGCONT);
  ASSERT_TRUE(loop.reader.takeUntilHeard(rampAt(kRamp - 1)));
  loop.expectRamp();
}

TEST(LiveCaptures, OutliveTheRenderHostAndTheAudioServer) {
  Loop loop("virtual", {.device = "virtual", .channels = 1, .overflow = transport::Overflow::dropOldest});
  loop.play();
  std::atomic<int> times{0};
  loop.capture->onLost([&](const std::string&) { ++times; });
  kill(loop.engine.helpers().renderPid, SIGKILL);
  ASSERT_NE(loop.notices.await<SessionInterrupted>(), nullptr);
  loop.reader.take();
  EXPECT_TRUE(loop.reader.takeUntil(loop.reader.heard.size() + 4800)) << "the capture ended with the render host";
  EXPECT_EQ(times, 0);
  kill(loop.engine.helpers().audioPid, SIGKILL);
  const std::uint64_t lost = loop.capture->lostFrames();
  EXPECT_TRUE(comesTrue([&] { return loop.capture->lostFrames() > lost; })) << "no other server went on";
  loop.reader.take();
  EXPECT_TRUE(loop.reader.takeUntil(loop.reader.heard.size() + 4800)) << "the capture ended with the audio server";
  EXPECT_EQ(times, 0);
}

TEST(LiveCaptures, AnUnknownInputIsNamedTogetherWithThoseThatExist) {
  Engine engine(options("virtual"));
  try {
    engine.openCapture({.device = "no-such-input"});
    FAIL() << "it was opened";
  } catch (const session::EngineError& error) {
    EXPECT_NE(std::string(error.what()).find("no-such-input"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("virtual"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace backline
