#pragma once

#include <cstdint>

namespace backline::render {

/// Decides, by the fill of a stream's ring alone, when its frames are played and when the oldest are skipped. The ring is to hold what the
/// reader takes at once and what the writer delivers at once, so that it just never runs dry; the latter is learnt from how the fill grows.
/// What is more, because the session slept or stalled, is skipped: latency does not gather. [render]
class Cushion {
 public:
  struct Verdict {
    bool plays = false;
    std::uint32_t skip = 0;   ///< frames to be thrown away first
  };

  /// `rate`: frames of the stream a second. `taken`: frames a quantum takes of it. `margin`: frames that are kept beyond need.
  Cushion(double rate, std::uint32_t taken, std::uint32_t margin, std::uint32_t capacity);

  /// Before a quantum that needs `needed` frames, of which the ring holds `fill`.
  Verdict arrive(std::uint32_t fill, std::uint32_t needed) noexcept;
  /// After it: what is left in the ring.
  void leave(std::uint32_t left) noexcept { left_ = left; }
  /// The reader was away: what has come meanwhile tells nothing.
  void interrupt() noexcept;

  bool playing() const noexcept { return playing_; }
  /// Frames in the ring with which it begins, and to which it returns.
  std::uint32_t size() const noexcept;
  /// What the ring holds on average, before a quantum, if nothing drifts.
  double meanFill() const noexcept;

 private:
  /// The most and the least that came between two quanta, and the least that was left over, in some seconds.
  struct Window {
    std::uint32_t most = 0, least = 0xffffffff, spare = 0xffffffff;
    std::uint32_t spread() const { return most > least ? most - least : 0; }
  };
  void learn(std::uint32_t arrived) noexcept;
  std::uint32_t burst() const noexcept;
  std::uint32_t endWindow() noexcept;

  const double rate_;
  const std::uint32_t taken_, margin_, capacity_;
  bool fresh_ = true;      // nothing is known of how the fill grows
  bool playing_ = false;
  bool learnt_ = false;
  std::uint32_t left_ = 0;
  std::uint32_t arrivals_ = 0;
  std::uint64_t observed_ = 0;   // frames of quanta in this window
  Window now_, before_;
};

}  // namespace backline::render
