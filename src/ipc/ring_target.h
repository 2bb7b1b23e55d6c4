#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace backline::ipc {

/// Frames: 6 s at 768,000 Hz, the longest quantum at the highest rate (Web Audio §2.4).
inline constexpr std::uint32_t kMostQuantum = 6 * 768'000;

/// What a session asks of the ring between its render thread and its device.
struct RingDemand {
  std::uint32_t callbackFrames = 0;   ///< what the device takes at once
  std::uint32_t quantum = 128;        ///< frames
  bool realtime = false;              ///< the render thread is under SCHED_FIFO
  double latency = 0;                 ///< seconds from graph to ear, the target; 0: the least
  double deviceLatency = 0;           ///< seconds of it that lie behind the ring
  float sampleRate = 48000;           ///< Hz
  std::uint32_t capacity = 0;         ///< frames that the ring holds
};

/// How many frames the render thread keeps ready: max(P + J·Q, (latency − deviceLatency) · rate) in whole quanta, within the ring. P is
/// what the device takes at once; J one quantum for a thread under SCHED_FIFO, three otherwise, and the extra ones that the session's
/// cost asks for (host/render_pace.h). Those never lead beyond a latency that was named: its ring has what that leaves room for already.
inline std::uint32_t ringTarget(const RingDemand& demand, std::uint32_t extraQuanta = 0) {
  const double quantum = demand.quantum;
  const double least = demand.callbackFrames + (demand.realtime ? 1 : 3) * quantum;
  const double asked = std::max(least, (demand.latency - demand.deviceLatency) * demand.sampleRate);
  const double wanted = demand.latency > 0 ? asked : least + extraQuanta * quantum;
  const double most = std::floor(demand.capacity / quantum) * quantum;
  return static_cast<std::uint32_t>(std::max(quantum, std::min(std::ceil(wanted / quantum) * quantum, most)));
}

}  // namespace backline::ipc
