#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace backline::media {

/// The most samples, of all channels together, that one decoding may give: 2 GiB of them.
inline constexpr std::uint64_t kMostDecodedSamples = std::uint64_t{1} << 29;

/// Where decoded sound goes.
class PlanarSink {
 public:
  virtual ~PlanarSink() = default;
  /// Channels × frames, the same number of channels each time.
  virtual void take(std::span<const float* const> channels, std::size_t frames) = 0;
};

struct DecodedShape {
  std::uint32_t channels = 0;   ///< 1 … render::kMaxChannels
  std::uint64_t frames = 0;     ///< of those that the sink took; the rest is what a filter rang on
};

/// Throws EncodingError: what decodeAudioData fails with.
[[noreturn]] void failDecoding(const std::string& why);

/// Decodes a sound file in memory to `sampleRate`, in this process, in memory that does not grow with its length. Throws EncodingError; what the
/// sink throws comes through. [any thread]
DecodedShape decodeSound(std::span<const std::byte> bytes, int sampleRate, std::uint64_t mostSamples, PlanarSink& sink);

}  // namespace backline::media
