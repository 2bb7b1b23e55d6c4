#include "audioserver/voice.h"

#include <algorithm>
#include <cmath>

#include "audioserver/device_info.h"

namespace backline::audioserver {
namespace {

using transport::WriterState;

constexpr std::uint32_t kConverterSlack = 2;  // frames by which a converter's appetite varies

/// Sums and filters of the whole mix would carry a value that is no number on for ever.
void dropNonFinite(float* samples, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) samples[i] = std::isfinite(samples[i]) ? samples[i] : 0.0f;
}

bool sameRate(double a, double b) { return std::lround(a) == std::lround(b); }

}  // namespace

std::uint32_t Voice::sessionFrames(std::uint32_t frames, double sessionRate, double deviceRate) {
  if (sameRate(sessionRate, deviceRate)) return frames;
  return static_cast<std::uint32_t>(std::ceil(frames * sessionRate / deviceRate)) + kConverterSlack;
}

Voice::Voice(Ends ends, double deviceRate, std::uint32_t callbackFrames)
    : reader_(std::move(ends.ring)),
      refill_(std::move(ends.refill)),
      page_(std::move(ends.page)),
      before_(transport::SharedMemory::map(page_.memory().fd().duplicate())),
      callbackFrames_(callbackFrames) {
  const transport::RingFormat& format = reader_.format();
  if (format.channels > kMaxChannels) {
    throw DeviceError("a session has at most " + std::to_string(kMaxChannels) + " channels, not " + std::to_string(format.channels));
  }
  std::uint32_t fetched = kBlockFrames;
  if (!sameRate(format.sampleRate, deviceRate)) {
    converter_ = std::make_unique<RateConverter>(format.channels, static_cast<std::uint32_t>(std::lround(format.sampleRate)),
                                                 static_cast<std::uint32_t>(std::lround(deviceRate)), kBlockFrames);
    fetched = converter_->inputFor(kBlockFrames) + kConverterSlack;
  }
  rt_.fetched.resize(std::size_t{fetched} * format.channels);
  rt_.planes.resize(std::size_t{kBlockFrames} * format.channels);
  rt_.owning = !ends.moved;
  if (!rt_.owning) return;
  rt_.status.latency = converter_ ? static_cast<float>(converter_->latency()) : 0;
  page_.publish(rt_.status);
}

// The writer comes to the new ring when the voice before has let go of the page.
bool Voice::takeOver() noexcept {
  if (rt_.owning) return true;
  if (reader_.writerState() == WriterState::starting) return false;
  page_.follow();
  before_.read(rt_.status);
  rt_.status.deviceAlive = 1;
  rt_.status.callbackFrames = 0;
  if (rt_.status.playedFrames > 0) rt_.fade.interrupt();
  return rt_.owning = true;
}

std::uint32_t Voice::needed(std::uint32_t frames) const noexcept {
  return converter_ ? converter_->inputFor(frames) + kConverterSlack : frames;
}

bool Voice::ready(std::uint32_t frames) noexcept {
  if (closing_.load(std::memory_order_acquire) || !takeOver()) return true;
  applyReset();  // a device that waits may do so for long
  if (reader_.writerState() != WriterState::running) return true;
  return reader_.available() >= needed(frames);
}

void Voice::begin(std::uint32_t frames) noexcept {
  rt_.closing = closing_.load(std::memory_order_acquire);
  rt_.taken = 0;
  rt_.missing = 0;
  if (rt_.closing || !takeOver()) return;
  applyReset();
  if (rt_.joined) return;
  const WriterState state = reader_.writerState();
  const std::uint32_t available = reader_.available();
  if (state == WriterState::running) {
    rt_.joined = available >= std::min(needed(frames), callbackFrames_);
  } else if (state != WriterState::starting) {
    rt_.joined = available > 0;  // a sound shorter than a callback, over already
  }
}

void Voice::applyReset() noexcept {
  const std::uint32_t asked = resetAsked_.load(std::memory_order_acquire);
  if (asked == resetDone_.load(std::memory_order_relaxed)) return;
  rt_.status.latencySum = 0;
  rt_.status.latencyFrames = 0;
  rt_.status.latencyLeast = rt_.status.latencyMost = 0;
  page_.publish(rt_.status);
  resetDone_.store(asked, std::memory_order_release);
}

// Of the frame that is rendered next: what still waits in the ring will be heard before it.
void Voice::addLatency() noexcept {
  ipc::OutputStatus& status = rt_.status;
  const float latency = static_cast<float>(reader_.available() / static_cast<double>(reader_.format().sampleRate)) + status.latency;
  const bool first = status.latencyFrames == 0;
  status.latencySum += static_cast<double>(latency) * rt_.taken;
  status.latencyFrames += rt_.taken;
  status.latencyLeast = first ? latency : std::min(status.latencyLeast, latency);
  status.latencyMost = first ? latency : std::max(status.latencyMost, latency);
}

std::uint32_t Voice::fetch(std::uint32_t frames) noexcept {
  // The state first: what a writer that has paused wrote before is then all there.
  const WriterState state = reader_.writerState();
  const std::uint32_t got = reader_.read(rt_.fetched.data(), frames);
  dropNonFinite(rt_.fetched.data(), std::size_t{got} * channels());
  rt_.taken += got;
  if (got < frames) {
    if (state == WriterState::running) {
      rt_.missing += frames - got;
    } else if (got == 0) {
      rt_.joined = false;  // to come back when the ring has been filled again
    }
  }
  return got;
}

std::uint32_t Voice::pull(std::uint32_t frames) noexcept {
  const std::uint32_t channelCount = channels();
  if (!converter_) {
    const std::uint32_t got = fetch(frames);
    for (std::uint32_t c = 0; c < channelCount; ++c) {
      float* plane = rt_.planes.data() + std::size_t{c} * frames;
      for (std::uint32_t i = 0; i < got; ++i) plane[i] = rt_.fetched[std::size_t{i} * channelCount + c];
    }
    return got;
  }
  std::uint32_t made = converter_->convert(rt_.fetched.data(), 0, rt_.planes.data(), frames, frames);
  while (made < frames) {
    const std::uint32_t wanted = converter_->inputFor(frames - made);
    const std::uint32_t got = fetch(wanted);
    if (got > 0) made += converter_->convert(rt_.fetched.data(), got, rt_.planes.data() + made, frames, frames - made);
    if (got < wanted) break;
  }
  return made;
}

const float* Voice::next(std::uint32_t frames) noexcept {
  const std::uint32_t present = rt_.joined && !rt_.closing ? pull(frames) : 0;
  if (present == 0 && rt_.fade.silent()) {
    if (rt_.closing) finished_.store(true, std::memory_order_release);
    return nullptr;
  }
  rt_.fade.apply(rt_.planes.data(), channels(), frames, present);
  return rt_.planes.data();
}

void Voice::end(std::int64_t nanoseconds, float deviceLatency, const float peak[2]) noexcept {
  if (rt_.closing || !rt_.owning) return;
  if (rt_.missing > 0) reader_.countUnderrun(rt_.missing);
  ipc::OutputStatus& status = rt_.status;
  status.playedFrames += rt_.taken;
  status.callbackFrames = rt_.taken;
  status.nanoseconds = nanoseconds;
  // Callbacks that get nothing at all go on with the underrun before them.
  if (rt_.missing > 0 && (!rt_.starved || rt_.taken > 0)) ++status.underruns;
  rt_.starved = rt_.missing > 0;
  status.underrunFrames += rt_.missing;
  status.latency = deviceLatency + (converter_ ? static_cast<float>(converter_->latency()) : 0);
  if (rt_.taken > 0) addLatency();
  status.peak[0] = peak[0];
  status.peak[1] = peak[1];
  page_.publish(status);
  if (rt_.taken > 0) refill_.signal();
}

void Voice::publishGone() noexcept {
  if (closing_.load(std::memory_order_acquire) || !takeOver()) return;
  rt_.status.deviceAlive = 0;
  applyReset();
  page_.publish(rt_.status);
}

}  // namespace backline::audioserver
