#pragma once

#include <cstdint>

#include "render/node.h"

namespace backline::render {

/// Which frames [begin, end) of a quantum a scheduled source sounds in; equal when in none.
struct Sounding {
  std::uint32_t begin = 0, end = 0;
  double lead = 0;      ///< part of a frame from the exact start to `begin`, in the quantum in which the source starts
  bool over = false;    ///< the stop time lies within this quantum or before it: nothing follows

  bool any() const { return begin < end; }
};

/// start() and stop() seen frame by frame: the first frame at or after the start sounds, the first at or after the stop does not.
/// A start that is past when the source is first seen means now. [render]
class Scheduler {
 public:
  Sounding of(const Schedule& schedule, const Quantum& quantum) noexcept;
  /// The source sounded before the first quantum seen.
  void resume() noexcept { started_ = true; }
  bool started() const { return started_; }

 private:
  bool started_ = false;
};

/// Zeros before and after the part of a one-channel output that sounds. [render]
void silenceAround(Block& out, const Sounding& sounding) noexcept;

}  // namespace backline::render
