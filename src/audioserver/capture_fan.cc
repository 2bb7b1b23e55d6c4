#include "audioserver/capture_fan.h"

#include <algorithm>
#include <cmath>

namespace backline::audioserver {

bool CaptureFan::add(CaptureStream& stream) {
  for (auto& slot : streams_) {
    CaptureStream* empty = nullptr;
    if (slot.compare_exchange_strong(empty, &stream)) return true;
  }
  return false;
}

void CaptureFan::remove(CaptureStream& stream) {
  for (auto& slot : streams_) {
    CaptureStream* held = &stream;
    slot.compare_exchange_strong(held, nullptr);
  }
  uses_.waitUntilUnused();
}

bool CaptureFan::ready(std::uint32_t frames) noexcept {
  const UseCount::Use use(uses_);
  return std::all_of(streams_.begin(), streams_.end(), [frames](const auto& slot) {
    const CaptureStream* stream = slot.load();
    return stream == nullptr || stream->ready(frames);
  });
}

void CaptureFan::deliver(const float* interleaved, std::uint32_t frames, std::int64_t nanoseconds, double latency) noexcept {
  const UseCount::Use use(uses_);
  Arrival arrival{interleaved, frames, rt_.sourceFrame + rt_.lost, rt_.lost, nanoseconds, latency, 0};
  rt_.sourceFrame = arrival.sourceFrame + frames;
  rt_.lost = 0;
  bool measured = false;
  for (auto& slot : streams_) {
    CaptureStream* stream = slot.load();
    if (stream == nullptr) continue;
    if (!measured) {
      for (std::size_t i = 0; i < std::size_t{frames} * channels_; ++i) arrival.peak = std::max(arrival.peak, std::fabs(interleaved[i]));
      measured = true;
    }
    stream->take(arrival);
  }
}

}  // namespace backline::audioserver
