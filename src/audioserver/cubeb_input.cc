#include "audioserver/cubeb_input.h"

#include <algorithm>

#include "audioserver/paced_thread.h"
#include "transport/realtime.h"

namespace backline::audioserver {

CubebInput::CubebInput(std::unique_ptr<CubebContext> context, DeviceInfo info, std::uint32_t channels)
    : stream_(std::move(context), std::move(info), channels, 0), gaps_(sampleRate()) {}

void CubebInput::start(CaptureFan& fan) {
  fan_ = &fan;
  stream_.start(*this);
}

double CubebInput::latency() {
  const double known = stream_.knownLatency();
  knownLatency_.store(static_cast<float>(known), std::memory_order_relaxed);
  return std::max(known, callbackFrames() / sampleRate());
}

void CubebInput::process(const float* input, float*, std::uint32_t frames) noexcept {
  const transport::RealtimeScope realtime;
  const std::int64_t now = nowNanoseconds();
  const std::uint64_t skipped = stream_.framesSkipped();
  if (skipped > rt_.skipped) {
    fan_->skip(skipped - rt_.skipped);
    gaps_.lost(skipped - rt_.skipped);
    rt_.skipped = skipped;
  }
  if (const std::uint64_t lost = gaps_.arrived(now, frames)) fan_->skip(lost);
  // What is delivered now was heard before now, the first frame at least as long ago as the delivery is.
  const double latency = std::max<double>(knownLatency_.load(std::memory_order_relaxed), frames / sampleRate());
  fan_->deliver(input, frames, now, latency);
}

}  // namespace backline::audioserver
