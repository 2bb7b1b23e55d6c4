#pragma once

#include <cstdint>
#include <string>

#include "render/block.h"
#include "render/resource.h"
#include "transport/error.h"
#include "transport/shared_memory.h"

namespace backline::host {

/// An AudioBuffer's snapshot in memory that the program shared.
class MappedBuffer final : public render::AudioBufferData {
 public:
  /// Throws TransportError if the memory is too small for what it is said to hold, or that makes no sense.
  MappedBuffer(transport::SharedMemory memory, std::uint32_t channels, std::uint64_t length, float sampleRate)
      : memory_(std::move(memory)), channels_(channels), length_(length), sampleRate_(sampleRate) {
    if (channels < 1 || channels > render::kMaxChannels || length > memory_.bytes().size() / (sizeof(float) * channels))
      throw transport::TransportError("a buffer of " + std::to_string(channels) + " × " + std::to_string(length) + " frames does not fit its " +
                                      std::to_string(memory_.bytes().size()) + " bytes");
    if (!(sampleRate >= kLowestRate && sampleRate <= kHighestRate))
      throw transport::TransportError("a buffer's sample rate must be 1 to 1000000 Hz, not " + std::to_string(sampleRate));
    memory_.closeFd();   // a session may hold more buffers than a process may hold descriptors
  }
  std::uint32_t channels() const override { return channels_; }
  std::uint64_t length() const override { return length_; }
  float sampleRate() const override { return sampleRate_; }
  const float* channel(std::uint32_t index) const override {
    return reinterpret_cast<const float*>(memory_.bytes().data()) + index * length_;
  }

 private:
  static constexpr float kLowestRate = 1, kHighestRate = 1e6f;   // Hz

  transport::SharedMemory memory_;
  std::uint32_t channels_;
  std::uint64_t length_;
  float sampleRate_;
};

}  // namespace backline::host
