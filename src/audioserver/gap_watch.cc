#include "audioserver/gap_watch.h"

#include <algorithm>

namespace backline::audioserver {
namespace {

constexpr double kLeastGap = 0.05;                   // seconds: more than two clocks part in a window, and than a thread is late for a whole one
constexpr std::int64_t kWindow = 1'000'000'000;      // nanoseconds
constexpr std::uint32_t kLeastArrivals = 8;          // of which one was surely not late

}  // namespace

void GapWatch::beginWindow(std::int64_t nanoseconds) noexcept {
  windowBegan_ = nanoseconds;
  arrivals_ = 0;
}

std::uint64_t GapWatch::arrived(std::int64_t nanoseconds, std::uint32_t frames) noexcept {
  if (counted_ == 0) origin_ = windowBegan_ = last_ = nanoseconds;
  // After a stall come the frames that have waited, all of them late: they tell nothing.
  if (static_cast<double>(nanoseconds - last_) > kLeastGap * 1e9) beginWindow(nanoseconds);
  last_ = nanoseconds;
  counted_ += frames;
  const double lateness = static_cast<double>(nanoseconds - origin_) * 1e-9 - static_cast<double>(counted_) / sampleRate_;
  least_ = arrivals_ == 0 ? lateness : std::min(least_, lateness);
  ++arrivals_;
  if (nanoseconds - windowBegan_ < kWindow || arrivals_ < kLeastArrivals) return 0;
  beginWindow(nanoseconds);
  const double gap = least_ - usual_;
  if (!known_ || gap < kLeastGap) {
    usual_ = least_;
    known_ = true;
    return 0;
  }
  const auto frameCount = static_cast<std::uint64_t>(gap * sampleRate_);
  counted_ += frameCount;
  return frameCount;
}

}  // namespace backline::audioserver
