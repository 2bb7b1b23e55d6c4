#pragma once

#include <cstdint>

namespace backline::ipc {

/// Published by the audio server at every device callback, one page a session.
struct OutputStatus {
  static constexpr std::uint32_t kPageKind = 0x4f555431;  // "OUT1"
  std::uint64_t playedFrames = 0;     ///< session frames handed to the device
  std::int64_t nanoseconds = 0;       ///< CLOCK_MONOTONIC of the callback that took them
  std::uint64_t underruns = 0;        ///< callbacks that found too few frames
  std::uint64_t underrunFrames = 0;   ///< session frames replaced by silence
  float latency = 0;                  ///< seconds from callback to ear, as the device says, resampler included
  float peak[2] = {0, 0};             ///< largest |sample| of the mix's first two channels in the last callback
  std::uint32_t deviceAlive = 1;      ///< 0: the device is gone
};
static_assert(sizeof(OutputStatus) == 48);

enum class SessionState : std::uint32_t { suspended = 0, running = 1, closed = 2 };

/// Published by the render thread after every fill of the ring and after every change of state.
struct SessionStatus {
  static constexpr std::uint32_t kPageKind = 0x53455331;  // "SES1"
  std::uint64_t frame = 0;            ///< context frame of the next quantum
  std::uint64_t appliedSequence = 0;  ///< the last batch applied
  std::int64_t nanoseconds = 0;       ///< CLOCK_MONOTONIC when `frame` was reached
  SessionState state = SessionState::suspended;
  std::uint32_t generation = 0;       ///< counts changes of state
  float costAverage = 0;              ///< seconds a quantum, moving average
  float costWorst = 0;                ///< seconds, the longest quantum of the last one to two seconds of sound
};
static_assert(sizeof(SessionStatus) == 40);

}  // namespace backline::ipc
