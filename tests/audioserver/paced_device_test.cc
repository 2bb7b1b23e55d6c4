#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <thread>
#include <vector>

#include "audioserver/paced_thread.h"
#include "audioserver/stepped_device.h"
#include "audioserver/virtual_device.h"

namespace backline::audioserver {
namespace {

/// Notes when it was called; can be made to dawdle or to be not ready.
class Stopwatch final : public OutputCallback {
 public:
  void render(float*, std::uint32_t frames) noexcept override {
    const std::lock_guard lock(mutex_);
    calls_.push_back(nowNanoseconds());
    frames_ += frames;
    if (calls_.size() == dawdleAt) std::this_thread::sleep_for(std::chrono::milliseconds(dawdle));
  }
  void skip(std::uint64_t frames) noexcept override { skipped += frames; }
  bool ready(std::uint32_t) noexcept override {
    ++asked;
    return isReady;
  }
  std::vector<std::int64_t> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  void await(std::size_t count) const {
    while (calls().size() < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  std::uint64_t frames() const { return frames_; }

  std::size_t dawdleAt = 0;
  int dawdle = 0;  // milliseconds
  std::atomic<bool> isReady{true};
  std::atomic<int> asked{0};
  std::atomic<std::uint64_t> skipped{0};  // frames

 private:
  mutable std::mutex mutex_;
  std::vector<std::int64_t> calls_;
  std::uint64_t frames_ = 0;
};

// A loaded machine may call late, never early: that is what can be asserted.
TEST(VirtualDevice, NeverTakesFramesBeforeTheirTime) {
  Stopwatch callback;
  VirtualDevice device({48000, 2, 128, 0});
  const std::int64_t origin = nowNanoseconds();
  device.start(callback);
  callback.await(40);
  device.stop();
  const auto calls = callback.calls();
  const double period = 512 / 48000.0 * 1e9;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    ASSERT_GE(static_cast<double>(calls[i] - origin), static_cast<double>(i) * period - 1000) << "callback " << i << " came early";
  }
  EXPECT_EQ(callback.frames(), calls.size() * 512);
}

TEST(VirtualDevice, SkipsThePeriodsThatItMissed) {
  Stopwatch callback;
  callback.dawdleAt = 5;
  callback.dawdle = 100;  // nine periods and a bit
  VirtualDevice device({48000, 2, 128, 0});
  const std::int64_t origin = nowNanoseconds();
  device.start(callback);
  callback.await(15);
  device.stop();
  const auto calls = callback.calls();
  const double period = 512 / 48000.0 * 1e9;
  // The fifth began no earlier than at four periods and held up all that followed by nine more.
  for (std::size_t i = 5; i < calls.size(); ++i) {
    ASSERT_GE(static_cast<double>(calls[i] - origin), static_cast<double>(i + 8) * period) << "callback " << i << " caught up";
  }
  EXPECT_GE(callback.skipped, 8 * 512u) << "frames by which its clock went on";
  EXPECT_EQ(callback.skipped % 512, 0u);
}

TEST(VirtualDevice, NoCallbackFollowsAStop) {
  Stopwatch callback;
  VirtualDevice device({48000, 2, 128, 0});
  device.start(callback);
  callback.await(3);
  device.stop();
  const std::size_t count = callback.calls().size();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_EQ(callback.calls().size(), count);
}

TEST(VirtualDevice, ItsPeriodIsWholeQuantaNearTheLatency) {
  EXPECT_EQ(VirtualDevice({48000, 2, 128, 0}).callbackFrames(), 512u);
  EXPECT_EQ(VirtualDevice({48000, 2, 300, 0}).callbackFrames(), 300u);
  EXPECT_EQ(VirtualDevice({48000, 2, 2048, 0}).callbackFrames(), 2048u);
  EXPECT_EQ(VirtualDevice({48000, 2, 128, 0.05}).callbackFrames(), 896u) << "half of what three quanta of jitter leave of the latency";
  EXPECT_EQ(VirtualDevice({0, 2, 128, 0}).sampleRate(), 48000);
}

TEST(SteppedDevice, TakesNothingUntilAllIsThere) {
  Stopwatch callback;
  callback.isReady = false;
  SteppedDevice device({48000, 2, 128, 0});
  device.start(callback);
  while (callback.asked < 20) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(callback.calls().size(), 0u);
  callback.isReady = true;
  callback.await(3);
  device.stop();
  EXPECT_EQ(callback.frames(), callback.calls().size() * 128);
}

TEST(SteppedDevice, StopsWhileItWaits) {
  Stopwatch callback;
  callback.isReady = false;
  SteppedDevice device({48000, 2, 128, 0});
  device.start(callback);
  while (callback.asked < 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  device.stop();
  EXPECT_EQ(callback.calls().size(), 0u);
}

TEST(SteppedDevice, WhatItWaitedIsNotCaughtUpWith) {
  Stopwatch callback;
  SteppedDevice device({48000, 2, 480, 0});  // 10 ms
  const std::int64_t origin = nowNanoseconds();
  device.start(callback);
  callback.await(3);
  callback.isReady = false;
  const std::size_t before = callback.calls().size() + 1;  // one may be under way
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  callback.isReady = true;
  callback.await(before + 10);
  device.stop();
  const auto calls = callback.calls();
  const double latest = static_cast<double>(calls[before + 9] - origin) / 1e6;
  EXPECT_GE(latest, 100 + 10.0 * static_cast<double>(before + 9 - 4)) << "ms until callback " << before + 9;
}

}  // namespace
}  // namespace backline::audioserver
