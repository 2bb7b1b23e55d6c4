#pragma once

#include <cstdint>

namespace backline::ipc {

/// Published by the audio server at every device callback, one page a session.
struct OutputStatus {
  static constexpr std::uint32_t kPageKind = 0x4f555431;  // "OUT1"
  std::uint64_t playedFrames = 0;     ///< session frames handed to the device
  std::int64_t nanoseconds = 0;       ///< CLOCK_MONOTONIC of the callback that took them
  std::uint64_t underruns = 0;        ///< times that frames ran out
  std::uint64_t underrunFrames = 0;   ///< session frames replaced by silence
  float latency = 0;                  ///< seconds from callback to ear, as the device says, resampler included
  float peak[2] = {0, 0};             ///< largest |sample| of the mix's first two channels in the last callback
  std::uint32_t deviceAlive = 1;      ///< 0: the device is gone
  // Latency from the graph to the ear, at each callback that played, weighted by its frames; since the last resetLatency().
  double latencySum = 0;              ///< seconds × session frames
  std::uint64_t latencyFrames = 0;    ///< session frames summed over
  float latencyLeast = 0;             ///< seconds
  float latencyMost = 0;              ///< seconds
  std::uint32_t callbackFrames = 0;   ///< of playedFrames, those that the last callback took
  std::uint32_t zero = 0;
};
static_assert(sizeof(OutputStatus) == 80);

/// Published by the audio server at every callback of an input device, one page a capture.
struct CaptureStatus {
  static constexpr std::uint32_t kPageKind = 0x43415031;  // "CAP1"
  std::uint64_t capturedFrames = 0;   ///< of the device, since this capture began
  std::uint64_t lostFrames = 0;       ///< that the device lost or the ring had no room for
  std::int64_t nanoseconds = 0;       ///< CLOCK_MONOTONIC of the last callback
  std::uint32_t generation = 0;       ///< of the newest TimelineMark
  float latency = 0;                  ///< seconds from the sound to the ring; negative where it is captured before it is heard
  float peak = 0;                     ///< largest |sample| of the device's last callback
  std::uint32_t deviceAlive = 1;      ///< 0: the device is gone
};
static_assert(sizeof(CaptureStatus) == 40);

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
  std::uint32_t ringFill = 0;         ///< frames ready for the device
  std::uint32_t ringTarget = 0;       ///< frames that are kept ready
  float latenessAverage = 0;          ///< seconds from the device's callback to the render thread's waking, moving average
  float latenessWorst = 0;            ///< seconds, of the last one to two seconds
  std::uint64_t servedSequence = 0;   ///< the last batch whose messages have reached their processors
};
static_assert(sizeof(SessionStatus) == 64);

/// Published by the render thread every few hundred quanta: what its nodes cost.
struct SessionCosts {
  static constexpr std::uint32_t kPageKind = 0x434f5331;  // "COS1"
  static constexpr std::uint32_t kMost = 256;
  struct Entry {
    std::uint32_t node = 0;           ///< NodeId
    float seconds = 0;                ///< a quantum, moving average
  };
  std::uint64_t frame = 0;            ///< context frame of the last measured quantum
  std::uint32_t nodes = 0;            ///< in the plan
  std::uint32_t count = 0;            ///< entries that hold
  Entry entries[kMost];               ///< the costliest nodes, costliest first
};
static_assert(sizeof(SessionCosts) == 2064);

}  // namespace backline::ipc
