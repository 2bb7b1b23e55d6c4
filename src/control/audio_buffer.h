#pragma once

#include <memory>
#include <span>
#include <vector>

#include "control/session_link.h"
#include "transport/samples.h"

namespace backline {

struct AudioBufferOptions {
  std::uint32_t numberOfChannels = 1;   ///< 1 … 32
  std::uint64_t length = 0;             ///< frames, at least 1
  float sampleRate = 0;                 ///< Hz, 3000 … 768000
};

/// Web Audio §1.4: planar float samples in memory; belongs to no context. [control]
class AudioBuffer {
 public:
  /// Silence. Throws NotSupportedError for an impossible option, RangeError if there is no memory for it.
  explicit AudioBuffer(const AudioBufferOptions& options);
  /// Silence with any number of channels, 0 included: what an event of the engine's own carries.
  static std::shared_ptr<AudioBuffer> withChannels(std::uint32_t channels, std::uint64_t length, float sampleRate);
  /// Over memory that has the content, `length` frames a channel, and is the buffer's from now on.
  static std::shared_ptr<AudioBuffer> of(std::vector<transport::Samples> channels, std::uint64_t length, float sampleRate);

  float sampleRate() const { return sampleRate_; }
  std::uint64_t length() const { return length_; }
  double duration() const { return static_cast<double>(length_) / static_cast<double>(sampleRate_); }   ///< seconds
  std::uint32_t numberOfChannels() const { return static_cast<std::uint32_t>(channels_.size()); }

  /// For reading. Throws IndexSizeError.
  std::span<const float> channel(std::uint32_t channel) const;
  /// For writing, for as long as the buffer lives. What is written after a node has acquired the content does not change what it plays.
  /// Throws IndexSizeError.
  std::span<float> getChannelData(std::uint32_t channel);

  /// Copies what there is from `bufferOffset` frames on. Throws IndexSizeError if there is no such channel.
  void copyFromChannel(std::span<float> destination, std::uint32_t channel, std::uint64_t bufferOffset = 0) const;
  void copyToChannel(std::span<const float> source, std::uint32_t channel, std::uint64_t bufferOffset = 0);

  /// Gives the channels away; what is left is silence. Throws RangeError if there is no memory for it.
  std::vector<transport::Samples> takeChannels();

  /// The memory was taken away: from now on the content cannot be acquired.
  void markDetached() { detached_ = true; }
  bool isDetached() const { return detached_; }
  /// "Acquire the content" for a session: a snapshot. Null if that fails.
  std::shared_ptr<ResourceHandle> acquire(const std::shared_ptr<SessionLink>& link);

 private:
  struct Unchecked {};
  AudioBuffer(Unchecked, std::vector<transport::Samples> channels, std::uint64_t length, float sampleRate);
  void requireChannel(std::uint32_t channel, const char* what) const;

  float sampleRate_;
  std::uint64_t length_;
  std::vector<transport::Samples> channels_;
  bool writable_ = false;   // handed out: may change at any time
  bool detached_ = false;
  std::shared_ptr<ResourceHandle> snapshot_;   // of the content as it is now; null: none
};

}  // namespace backline
