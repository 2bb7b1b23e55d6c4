#include "host/render_pace.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace backline::host {

namespace {

constexpr float kSmoothing = 1.0f / 64;
/// What refilling the ring may take of the time until the next callback before more is kept ready.
constexpr double kComfort = 0.5;
constexpr std::uint32_t kMostExtra = 8;   // quanta
constexpr double kCalm = 2;               // seconds of sound before one extra quantum is given back
/// A session lets others go first when what it has ready lasts this many times as long as its dearest quantum.
constexpr double kAmple = 2;

}  // namespace

void Watched::add(float value, std::uint64_t frame, float sampleRate) noexcept {
  average_ = begun_ ? average_ + (value - average_) * kSmoothing : value;
  begun_ = true;
  worstOfWindow_ = std::max(worstOfWindow_, value);
  if (frame < windowEnd_) return;
  worstBefore_ = std::exchange(worstOfWindow_, 0.0f);
  windowEnd_ = frame + static_cast<std::uint64_t>(sampleRate);
}

RenderPace::RenderPace(const ipc::RingDemand& demand) : demand_(demand), target_(ipc::ringTarget(demand)) {}

void RenderPace::move(std::uint32_t callbackFrames, double deviceLatency, std::uint32_t capacity) noexcept {
  demand_.callbackFrames = callbackFrames;
  demand_.deviceLatency = deviceLatency;
  demand_.capacity = capacity;
  retarget(extra_);
}

void RenderPace::rendered(float seconds, std::uint64_t frame) noexcept {
  cost_.add(seconds, frame, demand_.sampleRate);
  const std::uint32_t needed = this->needed();
  if (needed >= extra_) calmSince_ = frame;
  if (needed > extra_) {
    retarget(needed);
  } else if (static_cast<double>(frame - calmSince_) >= kCalm * demand_.sampleRate) {
    calmSince_ = frame;
    retarget(extra_ - 1);
  }
}

/// After a callback has taken P frames, P/Q quanta are due, one of them perhaps as dear as the worst, before the next one comes. What
/// that takes beyond a comfortable share of the time has to be ready already.
std::uint32_t RenderPace::needed() const noexcept {
  const double quantum = demand_.quantum / demand_.sampleRate;
  const double due = std::ceil(std::max(1.0, static_cast<double>(demand_.callbackFrames) / demand_.quantum));
  const double refill = (due - 1) * cost_.average() + cost_.worst();
  const double missing = refill - kComfort * due * quantum;
  return static_cast<std::uint32_t>(std::clamp(std::ceil(missing / quantum), 0.0, double{kMostExtra}));
}

void RenderPace::retarget(std::uint32_t extra) noexcept {
  extra_ = extra;
  target_ = ipc::ringTarget(demand_, extra);
}

bool RenderPace::canWait(std::uint32_t fill) const noexcept {
  const double lead = (static_cast<double>(fill) - demand_.callbackFrames) / demand_.sampleRate;
  return lead > kAmple * std::max(cost_.average(), cost_.worst());
}

}  // namespace backline::host
