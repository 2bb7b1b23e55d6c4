#include "audioserver/capture_stream.h"

#include <algorithm>
#include <cmath>

#include "audioserver/paced_thread.h"
#include "audioserver/voice.h"
#include "dsp/mixing.h"

namespace backline::audioserver {

using transport::Overflow;
using transport::WriterState;

namespace {

constexpr double kLongestGap = 3600;  // seconds between two servers that can be believed

}  // namespace

CaptureStream::CaptureStream(transport::SharedMemory ring, transport::NotifyFd written, transport::SharedMemory page, std::uint32_t sourceChannels)
    : ring_(std::move(ring)), written_(std::move(written)), page_(std::move(page)), sourceChannels_(sourceChannels) {
  if (channels() != sourceChannels_) {
    rt_.source.resize(std::size_t{kBlockFrames} * sourceChannels_);
    rt_.mixed.resize(std::size_t{kBlockFrames} * channels());
    rt_.interleaved.resize(std::size_t{kBlockFrames} * channels());
  }
  const transport::PageReader<ipc::CaptureStatus> before(transport::SharedMemory::map(page_.memory().fd().duplicate()));
  if (before.read(rt_.status)) {
    rt_.status.deviceAlive = 1;
    rt_.gap = true;
    transport::TimelineMark last;
    if (ring_.newestMark(last)) rt_.last = last;
  }
  page_.publish(rt_.status);
  ring_.setState(WriterState::running);
}

bool CaptureStream::ready(std::uint32_t frames) const noexcept {
  return ring_.format().overflow == Overflow::dropOldest || ring_.space() >= std::min(frames, ring_.format().capacityFrames);
}

// Returns how many of the frames are to be written.
std::uint32_t CaptureStream::makeRoom(std::uint32_t frames) noexcept {
  const std::uint32_t capacity = ring_.format().capacityFrames;
  if (ring_.format().overflow == Overflow::refuse) {
    // Room that the reader makes while this callback is written stays unused: a loss is at the end of a callback's frames.
    const std::uint32_t fitting = std::min(frames, ring_.space());
    if (fitting > 0 && rt_.gap) ++rt_.status.generation;
    if (fitting > 0) rt_.gap = false;
    return fitting;
  }
  const std::uint64_t written = ring_.written();
  const std::uint64_t oldest = written + frames - std::min<std::uint64_t>(written + frames, capacity);
  const std::uint64_t kept = std::max(std::min(ring_.consumed(), written), rt_.overtaken);
  const bool overflows = oldest > kept;
  if (overflows) {
    rt_.status.lostFrames += oldest - kept;
    rt_.overtaken = oldest;
  }
  if (rt_.gap || (overflows && !rt_.overflowing)) ++rt_.status.generation;
  rt_.gap = false;
  rt_.overflowing = overflows;
  return frames;
}

/// What was not captured between two servers: by the clock, from the end of the last frame in the ring to the first one that comes.
void CaptureStream::missed(const Arrival& arrival) noexcept {
  const double rate = static_cast<double>(ring_.format().sampleRate);
  const std::int64_t first = arrival.nanoseconds - static_cast<std::int64_t>(arrival.latency * 1e9);
  const double since = (static_cast<double>(first) - static_cast<double>(rt_.last->nanoseconds)) * 1e-9;
  const double written = static_cast<double>(ring_.written()) - static_cast<double>(rt_.last->frame);
  const auto frames = static_cast<std::uint64_t>(std::llround(std::clamp(since - written / rate, 0.0, kLongestGap) * rate));
  rt_.last.reset();
  rt_.status.lostFrames += frames;
  page_.publish(rt_.status);
  ring_.gap(frames);
}

void CaptureStream::take(const Arrival& arrival) noexcept {
  ipc::CaptureStatus& status = rt_.status;
  if (!rt_.begun && rt_.last) missed(arrival);
  if (arrival.lost > 0 && rt_.begun) {
    status.lostFrames += arrival.lost;
    ring_.gap(arrival.lost);
    rt_.gap = true;
  }
  rt_.begun = true;
  const std::uint32_t fitting = makeRoom(arrival.frames);
  // Before the frames that it describes, so that none is read without it.
  if (fitting > 0) {
    const auto latency = static_cast<std::int64_t>(arrival.latency * 1e9);
    ring_.mark({ring_.written(), arrival.sourceFrame, arrival.nanoseconds - latency, status.generation});
  }
  const std::uint32_t taken = write(arrival.interleaved, fitting);
  if (taken < arrival.frames) {
    if (fitting < arrival.frames) ring_.countRefused(arrival.frames - fitting);
    status.lostFrames += arrival.frames - taken;
    rt_.gap = true;
  }
  status.capturedFrames += arrival.frames;
  status.nanoseconds = arrival.nanoseconds;
  status.latency = static_cast<float>(arrival.latency);
  status.peak = arrival.peak;
  page_.publish(status);
  written_.signal();
}

std::uint32_t CaptureStream::write(const float* interleaved, std::uint32_t frames) noexcept {
  const std::uint32_t channelCount = channels();
  if (channelCount == sourceChannels_) return ring_.write(interleaved, frames);
  for (std::uint32_t done = 0; done < frames;) {
    const std::uint32_t block = std::min(frames - done, kBlockFrames);
    const float* from = interleaved + std::size_t{done} * sourceChannels_;
    const dsp::Planes source{rt_.source.data(), sourceChannels_, block};
    for (std::uint32_t c = 0; c < sourceChannels_; ++c) {
      for (std::uint32_t i = 0; i < block; ++i) source.channel(c)[i] = from[std::size_t{i} * sourceChannels_ + c];
    }
    const dsp::Planes mixed{rt_.mixed.data(), channelCount, block};
    dsp::mixTo({source.data, sourceChannels_, block}, mixed, dsp::MixRule::speakers);
    for (std::uint32_t c = 0; c < channelCount; ++c) {
      for (std::uint32_t i = 0; i < block; ++i) rt_.interleaved[std::size_t{i} * channelCount + c] = mixed.channel(c)[i];
    }
    const std::uint32_t taken = ring_.write(rt_.interleaved.data(), block);
    done += taken;
    if (taken < block) return done;
  }
  return frames;
}

void CaptureStream::endGone() noexcept {
  rt_.status.deviceAlive = 0;
  page_.publish(rt_.status);
  end();
}

void CaptureStream::end() noexcept {
  ring_.setState(WriterState::ended);
  written_.signal();
}

}  // namespace backline::audioserver
