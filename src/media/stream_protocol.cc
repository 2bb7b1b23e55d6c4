#include "media/stream_protocol.h"

#include "render/block.h"

namespace backline::media {

namespace {
constexpr std::int64_t kMostFrames = std::int64_t{1} << 53;
}

std::string whyNoWord(const StreamWord& word, std::size_t bytes, std::uint32_t channels) {
  if (bytes < sizeof word || word.magic != kStreamMagic || word.version != kStreamVersion) return "speaks another language";
  if (word.textBytes > sizeof word.text) return "says more than there is";
  const std::size_t behind = bytes - sizeof word;
  const bool told = channels > 0;
  if (word.what != StreamSaid::frames && behind != 0) return "says more than was asked for";
  switch (word.what) {
    case StreamSaid::opened:
      if (told) return "opens what is open";
      if (word.channels < 1 || word.channels > render::kMaxChannels) return "tells of " + std::to_string(word.channels) + " channels";
      if (word.sampleRate < kLeastStreamRate || word.sampleRate > kMostStreamRate) return "tells of " + std::to_string(word.sampleRate) + " Hz";
      return word.duration >= 0 ? "" : "tells of no duration";
    case StreamSaid::frames:
      if (!told) return "sends frames of nothing";
      if (word.frames > kMostStreamSamples / channels || behind != std::size_t{word.frames} * channels * sizeof(float)) {
        return "tells of " + std::to_string(word.frames) + " frames in " + std::to_string(behind) + " bytes";
      }
      if (word.position < 0 || word.position > kMostFrames || word.end > kMostFrames) return "tells of frame " + std::to_string(word.position);
      return word.duration >= 0 ? "" : "tells of no duration";
    case StreamSaid::failed: return word.code >= 1 && word.code <= 4 ? "" : "fails for no reason";
    case StreamSaid::wants: return word.size > 0 && word.size <= kMostStreamBytes && word.offset < std::uint64_t{1} << 62 ? "" : "wants " + std::to_string(word.size) + " bytes";
    default: return "says what is not understood";
  }
}

}  // namespace backline::media
