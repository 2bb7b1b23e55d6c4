#pragma once

#include <cstdint>

#include "ipc/ring_target.h"

namespace backline::host {

/// A figure with its moving average and its worst of the last one to two seconds of sound.
class Watched {
 public:
  /// `frame`: the session's, now.
  void add(float value, std::uint64_t frame, float sampleRate) noexcept;
  float average() const noexcept { return average_; }
  float worst() const noexcept { return worstOfWindow_ > worstBefore_ ? worstOfWindow_ : worstBefore_; }

 private:
  bool begun_ = false;
  float average_ = 0;
  float worstOfWindow_ = 0, worstBefore_ = 0;   // of this second of sound, and of the one before
  std::uint64_t windowEnd_ = 0;                 // frames
};

/// How far ahead of its device a session renders, and when it lets others go first: decided from what its quanta cost
/// (docs/real_time.md). Pure: frames and seconds in, frames out. [render]
class RenderPace {
 public:
  explicit RenderPace(const ipc::RingDemand& demand);

  /// The session plays elsewhere from now on, where a callback takes `callbackFrames`, `deviceLatency` seconds lie behind the ring and
  /// the ring holds `capacity` frames.
  void move(std::uint32_t callbackFrames, double deviceLatency, std::uint32_t capacity) noexcept;
  /// A quantum that ends at context frame `frame` took `seconds`.
  void rendered(float seconds, std::uint64_t frame) noexcept;
  /// Frames to keep ready.
  std::uint32_t target() const noexcept { return target_; }
  /// Whether, with `fill` frames ready, what the next callback leaves over lasts longer than this session's quanta take.
  bool canWait(std::uint32_t fill) const noexcept;
  /// Seconds a quantum.
  const Watched& cost() const noexcept { return cost_; }

 private:
  std::uint32_t needed() const noexcept;
  void retarget(std::uint32_t extra) noexcept;

  ipc::RingDemand demand_;
  Watched cost_;
  std::uint32_t extra_ = 0;      // quanta beyond the formula
  std::uint32_t target_ = 0;     // frames
  std::uint64_t calmSince_ = 0;  // frame from which fewer extra quanta would have been enough
};

}  // namespace backline::host
