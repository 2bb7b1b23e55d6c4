#include "render/nodes/media_stream_cushion.h"

#include <algorithm>

namespace backline::render {

namespace {
constexpr std::uint32_t kArrivalsToLearn = 3;
constexpr double kLearningTime = 0.02;   // seconds, at least
constexpr double kWindow = 5;            // seconds: what has not happened in two of them is forgotten
constexpr double kStall = 0.05;          // seconds of sound that come at once only after a standstill
constexpr std::uint32_t kStallCushions = 4;
constexpr double kLeastSkip = 0.005;     // seconds: less latency is not worth a discontinuity
}  // namespace

Cushion::Cushion(double rate, std::uint32_t taken, std::uint32_t margin, std::uint32_t capacity)
    : rate_(rate), taken_(taken), margin_(margin), capacity_(capacity) {}

void Cushion::interrupt() noexcept {
  fresh_ = true;
  playing_ = false;
}

std::uint32_t Cushion::burst() const noexcept { return std::max(now_.spread(), before_.spread()); }

std::uint32_t Cushion::size() const noexcept { return std::min(taken_ + burst() + margin_, capacity_); }

double Cushion::meanFill() const noexcept { return size() - burst() / 2.0; }

void Cushion::learn(std::uint32_t arrived) noexcept {
  if (arrived > 0) ++arrivals_;
  if (arrivals_ == 0) return;   // it has not begun
  now_.most = std::max(now_.most, arrived);
  now_.least = std::min(now_.least, arrived);
  observed_ += taken_;
  // On average as much comes as is taken: where more came at once, less will come another time, and that is yet to be seen.
  const bool bothSides = now_.most + 1 >= taken_ && now_.least <= taken_ && (now_.most <= taken_ + 1 || now_.least < taken_);
  learnt_ |= bothSides && arrivals_ >= kArrivalsToLearn && static_cast<double>(observed_) >= kLearningTime * rate_;
}

/// Begins the next window; gives what was left over in all of the last one.
std::uint32_t Cushion::endWindow() noexcept {
  if (static_cast<double>(observed_) < kWindow * rate_) return 0;
  observed_ = 0;
  before_ = now_;
  now_ = {};
  return before_.spare == 0xffffffff ? 0 : before_.spare;
}

Cushion::Verdict Cushion::arrive(std::uint32_t fill, std::uint32_t needed) noexcept {
  const std::uint32_t arrived = fill > left_ && !fresh_ ? fill - left_ : 0;
  fresh_ = false;
  const bool full = fill >= capacity_;
  const bool stalled = full || (arrived > kStall * rate_ && learnt_ && arrived > kStallCushions * size());
  if (!stalled) learn(arrived);
  if (!learnt_) return {false, full ? fill : 0};

  const std::uint32_t beyond = fill > size() ? fill - size() : 0;
  if (!playing_) {
    playing_ = fill >= std::max(size(), needed) && (arrived > 0 || full);
    now_.spare = 0xffffffff;
    return {playing_, playing_ ? beyond : 0};
  }
  if (stalled) return {true, beyond};
  if (fill < needed) {
    playing_ = false;
    return {};
  }
  now_.spare = std::min(now_.spare, fill - needed);
  const std::uint32_t spare = endWindow();
  const bool worthIt = spare > margin_ + std::max<double>(taken_, kLeastSkip * rate_);
  return {true, worthIt ? std::min(spare - margin_, fill - needed) : 0};
}

}  // namespace backline::render
