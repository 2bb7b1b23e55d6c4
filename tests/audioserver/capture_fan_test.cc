#include "audioserver/capture_fan.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "fake_session.h"
#include "tests/support/seed.h"

namespace backline::audioserver {
namespace {

using namespace test;
using transport::Overflow;
using transport::TimelineMark;
using transport::WriterState;

transport::SharedMemory again(const transport::SharedMemory& memory) { return transport::SharedMemory::map(memory.fd().duplicate()); }

/// A capture as its program sees it, with the stream that fills it: no process, no device.
struct FakeCapture {
  explicit FakeCapture(std::uint32_t channels = 1, std::uint32_t capacity = 4096, Overflow overflow = Overflow::refuse, std::uint32_t sourceChannels = 1)
      : ring(transport::createRingStream("fake", {channels, kRate, capacity, overflow})),
        page(transport::createPage<ipc::CaptureStatus>("fake")),
        written(transport::NotifyFd::create()),
        stream(std::make_unique<CaptureStream>(again(ring.memory()), transport::NotifyFd::adopt(written.fd().duplicate()), again(page.memory()),
                                               sourceChannels)) {}

  ipc::CaptureStatus status() const {
    ipc::CaptureStatus status;
    EXPECT_TRUE(page.read(status));
    return status;
  }
  TimelineMark mark() const {
    TimelineMark mark;
    EXPECT_TRUE(ring.mark(mark));
    return mark;
  }
  void expectGap(std::uint64_t frame, std::uint64_t frames) {
    transport::RingGap gap;
    ASSERT_TRUE(ring.nextGap(gap));
    EXPECT_EQ(gap.frame, frame);
    EXPECT_EQ(gap.lost, frames);
    ring.takeGap(gap);
    EXPECT_FALSE(ring.nextGap(gap));
  }
  std::vector<float> take(std::uint32_t frames = 1 << 16) {
    std::vector<float> taken(std::size_t{frames} * ring.format().channels);
    taken.resize(std::size_t{ring.read(taken.data(), frames)} * ring.format().channels);
    return taken;
  }

  transport::RingReader ring;
  transport::PageReader<ipc::CaptureStatus> page;
  transport::NotifyFd written;
  std::unique_ptr<CaptureStream> stream;

  static constexpr float kRate = 48000;
};

class CaptureFanTest : public testing::Test {
 protected:
  /// One callback of a mono source whose samples are its frame's number.
  void deliver(std::uint32_t frames = kCallback) {
    std::vector<float> counted;
    for (std::uint32_t i = 0; i < frames; ++i) counted.push_back(static_cast<float>(source++));
    now += 5'000'000;
    fan.deliver(counted.data(), frames, now, kLatency);
  }
  void add(FakeCapture& capture) { ASSERT_TRUE(fan.add(*capture.stream)); }
  static void expectCount(const std::vector<float>& heard, std::size_t frames, float first) {
    ASSERT_EQ(heard.size(), frames);
    for (std::size_t i = 0; i < frames; ++i) ASSERT_EQ(heard[i], first + static_cast<float>(i)) << "frame " << i;
  }

  static constexpr double kLatency = 0.01;  // seconds
  CaptureFan fan{1};
  std::uint64_t source = 0;
  std::int64_t now = 1'000'000'000;
};

TEST_F(CaptureFanTest, EveryCaptureGetsEveryFrameOnce) {
  FakeCapture first, second(1, 4096, Overflow::dropOldest);
  add(first);
  add(second);
  deliver(100);
  deliver(1);
  deliver(2000);
  expectCount(first.take(), 2101, 0);
  expectCount(second.take(), 2101, 0);
  EXPECT_EQ(first.status().capturedFrames, 2101u);
  EXPECT_EQ(first.status().lostFrames, 0u);
  EXPECT_EQ(first.status().peak, 2100.0f);
}

TEST_F(CaptureFanTest, EveryCallbackIsMarkedWithItsFirstFrameAndTheInstantOfItsSound) {
  FakeCapture capture;
  add(capture);
  for (const std::uint64_t frame : {0, 256, 512}) {
    deliver();
    const TimelineMark mark = capture.mark();
    EXPECT_EQ(mark.frame, frame);
    EXPECT_EQ(mark.sourceFrame, frame);
    EXPECT_EQ(mark.nanoseconds, now - 10'000'000);
    EXPECT_EQ(mark.generation, 0u);
    EXPECT_EQ(capture.status().nanoseconds, now);
    EXPECT_EQ(capture.status().latency, 0.01f);
    EXPECT_TRUE(capture.written.drain());
  }
}

TEST_F(CaptureFanTest, OneThatComesLaterCountsFromZeroAndMarksTheSourcesCount) {
  FakeCapture early, late;
  add(early);
  deliver();
  add(late);
  deliver();
  EXPECT_EQ(late.mark().frame, 0u);
  EXPECT_EQ(late.mark().sourceFrame, 256u);
  EXPECT_EQ(early.mark().sourceFrame, 256u);
  expectCount(late.take(), 256, 256);
}

TEST_F(CaptureFanTest, FramesThatTheSourceLostShowInTheMarkAndInNoHole) {
  FakeCapture capture;
  add(capture);
  deliver();
  fan.skip(1000);
  source += 1000;
  FakeCapture late;
  add(late);
  deliver();
  EXPECT_EQ(capture.mark().frame, 256u);
  EXPECT_EQ(capture.mark().sourceFrame, 1256u);
  EXPECT_EQ(capture.mark().generation, 1u);
  EXPECT_EQ(capture.status().generation, 1u);
  EXPECT_EQ(capture.status().lostFrames, 1000u);
  EXPECT_EQ(capture.status().capturedFrames, 512u);
  EXPECT_EQ(capture.take().size(), 512u);
  capture.expectGap(256, 1000);
  EXPECT_EQ(late.status().lostFrames, 0u) << "what was lost before it came";
  EXPECT_EQ(late.mark().generation, 0u);
}

TEST_F(CaptureFanTest, ARefusingRingLosesTheNewFramesCountedAndMarked) {
  FakeCapture capture(1, 512);
  add(capture);
  deliver(300);
  deliver(300);  // 212 of them fit
  deliver(300);  // none
  EXPECT_EQ(capture.status().lostFrames, 388u);
  EXPECT_EQ(capture.ring.dropped(), 388u) << "as the ring counts them";
  EXPECT_EQ(capture.mark().frame, 300u) << "the last callback of which frames were written";
  expectCount(capture.take(), 512, 0);
  deliver(300);
  const TimelineMark mark = capture.mark();
  EXPECT_EQ(mark.frame, 512u);
  EXPECT_EQ(mark.sourceFrame, 900u);
  EXPECT_EQ(mark.generation, 1u) << "one gap, however many callbacks it lasted";
  capture.expectGap(512, 388);
  expectCount(capture.take(), 300, 900);
  EXPECT_EQ(capture.status().capturedFrames, 1200u);
}

TEST_F(CaptureFanTest, ADroppingRingGivesTheNewestAndCountsWhatWasOverwrittenUnread) {
  FakeCapture capture(1, 512, Overflow::dropOldest);
  add(capture);
  for (int i = 0; i < 5; ++i) deliver(300);
  EXPECT_EQ(capture.status().lostFrames, 1500u - 512);
  EXPECT_EQ(capture.status().generation, 1u);
  expectCount(capture.take(), 512, 1500 - 512);
  EXPECT_EQ(capture.ring.dropped(), 1500u - 512) << "as the reader sees it";
  EXPECT_EQ(capture.mark().sourceFrame, capture.mark().frame) << "no hole in the numbering";
  deliver(300);
  EXPECT_EQ(capture.status().generation, 1u) << "the reader is in time again";
  EXPECT_EQ(capture.status().lostFrames, 1500u - 512);
  deliver(300);
  EXPECT_EQ(capture.status().generation, 2u);
  EXPECT_EQ(capture.status().lostFrames, 1500u - 512 + 88);
}

TEST_F(CaptureFanTest, WhatTwoServersMissedBetweenThemIsKnownToTheFrameByTheClock) {
  FakeCapture capture;
  add(capture);
  deliver(240);   // 5 ms: the next frame sounds when the next delivery's would
  fan.remove(*capture.stream);
  capture.stream = std::make_unique<CaptureStream>(again(capture.ring.memory()), transport::NotifyFd::adopt(capture.written.fd().duplicate()),
                                                   again(capture.page.memory()), 1);
  add(capture);
  now += 250'000'000;
  deliver(240);
  EXPECT_EQ(capture.status().lostFrames, 12000u);
  EXPECT_EQ(capture.mark().generation, 1u);
  capture.expectGap(240, 12000);
}

TEST_F(CaptureFanTest, AReaderThatHasStoppedCostsTheOthersNothing) {
  FakeCapture stopped(1, 256), reading;
  add(stopped);
  add(reading);
  for (int i = 0; i < 10; ++i) deliver();
  expectCount(reading.take(), 2560, 0);
  EXPECT_EQ(reading.status().lostFrames, 0u);
  EXPECT_EQ(stopped.status().lostFrames, 2304u);
}

TEST_F(CaptureFanTest, ASourceThatCanWaitWaitsForARefusingRingOnly) {
  FakeCapture dropping(1, 256, Overflow::dropOldest), refusing(1, 512);
  add(dropping);
  deliver();
  EXPECT_TRUE(fan.ready(kCallback));
  add(refusing);
  deliver();
  EXPECT_TRUE(fan.ready(256));
  EXPECT_FALSE(fan.ready(257));
  deliver();
  EXPECT_FALSE(fan.ready(1));
  refusing.take(1);
  EXPECT_TRUE(fan.ready(1));
  deliver(1);
  EXPECT_EQ(refusing.status().lostFrames, 0u);
  fan.remove(*refusing.stream);
  EXPECT_TRUE(fan.ready(kCallback));
}

TEST_F(CaptureFanTest, ARingSmallerThanACallbackIsNotWaitedForForEver) {
  FakeCapture small(1, 64);
  add(small);
  EXPECT_TRUE(fan.ready(kCallback));
}

TEST_F(CaptureFanTest, ChannelsAreMixedBySpeakers) {
  CaptureFan stereo{2};
  FakeCapture mono(1, 4096, Overflow::refuse, 2), same(2, 4096, Overflow::refuse, 2), surround(6, 4096, Overflow::refuse, 2);
  for (FakeCapture* capture : {&mono, &same, &surround}) ASSERT_TRUE(stereo.add(*capture->stream));
  std::vector<float> sound;
  for (int i = 0; i < 3000; ++i) sound.insert(sound.end(), {static_cast<float>(i), static_cast<float>(3 * i)});
  stereo.deliver(sound.data(), 3000, now, 0);
  expectSameBits(same.take(), sound, 2);
  const auto middle = mono.take(), six = surround.take();
  ASSERT_EQ(middle.size(), 3000u);
  ASSERT_EQ(six.size(), 6 * 3000u);
  for (std::size_t i = 0; i < 3000; ++i) {
    ASSERT_EQ(middle[i], static_cast<float>(2 * i)) << "frame " << i;
    ASSERT_EQ(six[6 * i], static_cast<float>(i)) << "frame " << i;
    ASSERT_EQ(six[6 * i + 1], static_cast<float>(3 * i)) << "frame " << i;
    ASSERT_EQ(six[6 * i + 2] + six[6 * i + 3] + six[6 * i + 4] + six[6 * i + 5], 0.0f) << "frame " << i;
  }
}

TEST_F(CaptureFanTest, AnEndedStreamSaysSoAndWhetherItsDeviceIsGone) {
  FakeCapture closed, orphaned;
  for (FakeCapture* capture : {&closed, &orphaned}) {
    add(*capture);
    EXPECT_EQ(capture->ring.writerState(), WriterState::running);
  }
  deliver();
  fan.remove(*closed.stream);
  fan.remove(*orphaned.stream);
  closed.stream->end();
  orphaned.stream->endGone();
  deliver();
  EXPECT_EQ(closed.ring.writerState(), WriterState::ended);
  EXPECT_EQ(closed.status().deviceAlive, 1u);
  EXPECT_EQ(orphaned.ring.writerState(), WriterState::ended);
  EXPECT_EQ(orphaned.status().deviceAlive, 0u);
  expectCount(orphaned.take(), 256, 0);
}

TEST_F(CaptureFanTest, AReaderThatWritesNonsenseSpoilsOnlyItsOwnFrames) {
  std::mt19937_64 random(backline::test::seed());
  FakeCapture refusing(1, 512), dropping(1, 512, Overflow::dropOldest), good(1, 1 << 16);
  for (FakeCapture* capture : {&refusing, &dropping, &good}) add(*capture);
  for (int i = 0; i < 200; ++i) {
    fan.ready(kCallback);
    deliver();
    for (FakeCapture* bad : {&refusing, &dropping}) {
      const auto bytes = bad->ring.memory().bytes();
      for (std::size_t at = 64; at < 384; ++at) bytes[at] = static_cast<std::byte>(random());
    }
  }
  expectCount(good.take(), 200 * kCallback, 0);
  EXPECT_EQ(good.status().lostFrames, 0u);
}

TEST_F(CaptureFanTest, TheSixtyFifthCaptureIsRefused) {
  std::vector<std::unique_ptr<FakeCapture>> captures;
  for (std::uint32_t i = 0; i < CaptureFan::kMaxCaptures; ++i) {
    captures.push_back(std::make_unique<FakeCapture>());
    add(*captures.back());
  }
  FakeCapture more;
  EXPECT_FALSE(fan.add(*more.stream));
  fan.remove(*captures.front()->stream);
  EXPECT_TRUE(fan.add(*more.stream));
}

TEST_F(CaptureFanTest, CapturesComeAndGoWhileTheDeviceDelivers) {
  std::atomic<bool> over{false};
  std::atomic<int> callbacks{0};
  std::thread device([&] {
    while (!over) {
      fan.ready(kCallback);
      deliver();
      ++callbacks;
      std::this_thread::yield();
    }
  });
  for (int i = 0; i < 200 || callbacks < 200; ++i) {
    FakeCapture capture(1, 512, i % 2 == 0 ? Overflow::refuse : Overflow::dropOldest);
    ASSERT_TRUE(fan.add(*capture.stream));
    capture.take();
    fan.remove(*capture.stream);  // and it is freed at once
  }
  over = true;
  device.join();
}

TEST_F(CaptureFanTest, WhatAMixPlaysIsMarkedForTheInstantAtWhichItReachesTheEar) {
  Mixer mixer(2, FakeCapture::kRate);
  mixer.setLatency(0.25);
  FakeSession session;
  FakeCapture capture(2, 4096, Overflow::refuse, 2);
  ASSERT_TRUE(mixer.add(*session.voice));
  ASSERT_TRUE(mixer.captures().add(*capture.stream));
  std::mt19937_64 random(backline::test::seed());
  const auto sound = noise(random, 2 * 4 * kCallback);
  session.write(sound);
  for (std::uint32_t callback = 0; callback < 4; ++callback) {
    render(mixer, kCallback);
    const auto status = session.status();
    EXPECT_EQ(capture.mark().frame, callback * kCallback);
    EXPECT_EQ(capture.mark().nanoseconds, status.nanoseconds + 250'000'000);
    EXPECT_EQ(capture.status().latency, -status.latency);
  }
  expectSameBits(capture.take(), sound, 2);
}

}  // namespace
}  // namespace backline::audioserver
