#include "control/audio_buffer.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "control/checks.h"

namespace backline {

namespace {

constexpr std::uint64_t kMostFrames = std::numeric_limits<std::uint32_t>::max();   // what the IDL's type holds

std::shared_ptr<float[]> allocateSilence(std::uint64_t frames) {
  // calloc gives untouched zero pages, so that a long buffer costs what is written into it.
  auto* memory = frames <= kMostFrames ? static_cast<float*>(std::calloc(frames, sizeof(float))) : nullptr;
  if (!memory) throw RangeError("there is no memory for an AudioBuffer of " + std::to_string(frames) + " frames");
  return std::shared_ptr<float[]>(memory, [](float* old) { std::free(old); });
}

}  // namespace

AudioBuffer::AudioBuffer(const AudioBufferOptions& options)
    : sampleRate_(options.sampleRate), length_(options.length) {
  requireChannels(options.numberOfChannels, "numberOfChannels of an AudioBuffer");
  if (length_ == 0) throw DomException("NotSupportedError", "length of an AudioBuffer must be at least 1");
  requireSampleRate(sampleRate_, "sampleRate of an AudioBuffer");
  for (std::uint32_t i = 0; i < options.numberOfChannels; ++i) channels_.push_back(allocateSilence(length_));
}

AudioBuffer::AudioBuffer(Unchecked, std::uint32_t channels, std::uint64_t length, float sampleRate) : sampleRate_(sampleRate), length_(length) {
  for (std::uint32_t i = 0; i < channels; ++i) channels_.push_back(allocateSilence(length_));
}

std::shared_ptr<AudioBuffer> AudioBuffer::withChannels(std::uint32_t channels, std::uint64_t length, float sampleRate) {
  return std::shared_ptr<AudioBuffer>(new AudioBuffer(Unchecked{}, channels, length, sampleRate));
}

void AudioBuffer::requireChannel(std::uint32_t channel, const char* what) const {
  if (channel < channels_.size()) return;
  throw DomException("IndexSizeError", std::string(what) + " is " + std::to_string(channel) + ", but the AudioBuffer has " +
                                           std::to_string(channels_.size()) + " channels");
}

std::span<const float> AudioBuffer::channel(std::uint32_t channel) const {
  requireChannel(channel, "channel");
  return {channels_[channel].get(), length_};
}

std::span<float> AudioBuffer::getChannelData(std::uint32_t channel) {
  requireChannel(channel, "channel of getChannelData");
  writable_ = true;
  return {channels_[channel].get(), length_};
}

void AudioBuffer::copyFromChannel(std::span<float> destination, std::uint32_t channel, std::uint64_t bufferOffset) const {
  requireChannel(channel, "channelNumber of copyFromChannel");
  if (bufferOffset >= length_) return;
  const auto frames = std::min<std::uint64_t>(destination.size(), length_ - bufferOffset);
  std::copy_n(channels_[channel].get() + bufferOffset, frames, destination.begin());
}

void AudioBuffer::copyToChannel(std::span<const float> source, std::uint32_t channel, std::uint64_t bufferOffset) {
  requireChannel(channel, "channelNumber of copyToChannel");
  if (bufferOffset >= length_) return;
  const auto frames = std::min<std::uint64_t>(source.size(), length_ - bufferOffset);
  std::copy_n(source.begin(), frames, channels_[channel].get() + bufferOffset);
  snapshot_.reset();
}

std::shared_ptr<ResourceHandle> AudioBuffer::acquire(const std::shared_ptr<SessionLink>& link) {
  if (detached_) return nullptr;
  if (!writable_ && snapshot_ && snapshot_->link.lock() == link) return snapshot_;
  auto snapshot = std::make_shared<ResourceHandle>(link, link->newResourceId());
  std::vector<const float*> planes;
  for (const auto& channel : channels_) planes.push_back(channel.get());
  link->shareBuffer(snapshot->id, sampleRate_, length_, planes);
  if (!writable_) snapshot_ = snapshot;
  return snapshot;
}

}  // namespace backline
