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
  double seconds = std::max(stream_.knownLatency(), callbackFrames() / sampleRate());
  if (stream_.isJack()) seconds = jack_.captureFrames().value_or(callbackFrames()) / sampleRate();
  latency_.store(static_cast<float>(seconds), std::memory_order_relaxed);
  return seconds;
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
  // Until it is known: what is delivered now was heard before now, its first frame at least as long ago as the delivery is.
  const float latency = latency_.load(std::memory_order_relaxed);
  fan_->deliver(input, frames, now, latency >= 0 ? static_cast<double>(latency) : frames / sampleRate());
}

}  // namespace backline::audioserver
