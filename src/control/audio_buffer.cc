#include "control/audio_buffer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "control/checks.h"

namespace backline {

namespace {

constexpr std::uint64_t kMostFrames = std::numeric_limits<std::uint32_t>::max();   // what the IDL's type holds

std::vector<transport::Samples> silence(std::uint32_t channels, std::uint64_t frames) {
  std::vector<transport::Samples> all;
  for (std::uint32_t i = 0; i < channels; ++i) {
    all.push_back(frames <= kMostFrames ? transport::silence(frames) : nullptr);
    if (!all.back()) throw RangeError("there is no memory for an AudioBuffer of " + std::to_string(frames) + " frames");
  }
  return all;
}

}  // namespace

AudioBuffer::AudioBuffer(const AudioBufferOptions& options)
    : sampleRate_(options.sampleRate), length_(options.length) {
  requireChannels(options.numberOfChannels, "numberOfChannels of an AudioBuffer");
  if (length_ == 0) throw DomException("NotSupportedError", "length of an AudioBuffer must be at least 1");
  requireSampleRate(sampleRate_, "sampleRate of an AudioBuffer");
  channels_ = silence(options.numberOfChannels, length_);
}

AudioBuffer::AudioBuffer(Unchecked, std::vector<transport::Samples> channels, std::uint64_t length, float sampleRate)
    : sampleRate_(sampleRate), length_(length), channels_(std::move(channels)) {}

std::shared_ptr<AudioBuffer> AudioBuffer::withChannels(std::uint32_t channels, std::uint64_t length, float sampleRate) {
  return of(silence(channels, length), length, sampleRate);
}

std::shared_ptr<AudioBuffer> AudioBuffer::of(std::vector<transport::Samples> channels, std::uint64_t length, float sampleRate) {
  return std::shared_ptr<AudioBuffer>(new AudioBuffer(Unchecked{}, std::move(channels), length, sampleRate));
}

std::vector<transport::Samples> AudioBuffer::takeChannels() {
  auto taken = silence(numberOfChannels(), length_);
  taken.swap(channels_);
  snapshot_.reset();
  writable_ = false;
  return taken;
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
