#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace backline::ipc {

/// How many frames the render thread keeps ready: ceil((P + J) / Q) · Q, P what the device takes at once, J one quantum for a thread
/// under SCHED_FIFO and three otherwise, and never less than the wanted latency (seconds); within what the ring can hold.
inline std::uint32_t ringTarget(std::uint32_t callbackFrames, std::uint32_t quantum, bool realtime, double latency, float sampleRate,
                                std::uint32_t capacity) {
  const double least = static_cast<double>(callbackFrames) + (realtime ? 1.0 : 3.0) * quantum;
  const double wanted = std::max(least, latency * sampleRate);
  const double target = std::ceil(wanted / quantum) * quantum;
  const double most = std::floor(static_cast<double>(capacity) / quantum) * quantum;
  return static_cast<std::uint32_t>(std::max(static_cast<double>(quantum), std::min(target, most)));
}

}  // namespace backline::ipc
