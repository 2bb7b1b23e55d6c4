#include "media/decode.h"

#include <cmath>
#include <vector>

#include "control/checks.h"
#include "media/sound_decoding.h"

namespace backline::media {

namespace {

class VectorSink final : public PlanarSink {
 public:
  void take(std::span<const float* const> channels, std::size_t frames) override {
    planes.resize(channels.size());
    for (std::size_t c = 0; c < channels.size(); ++c) planes[c].insert(planes[c].end(), channels[c], channels[c] + frames);
  }

  std::vector<std::vector<float>> planes;
};

}  // namespace

std::shared_ptr<AudioBuffer> decodeAudioDataInProcess(std::span<const std::byte> bytes, float sampleRate) {
  requireSampleRate(sampleRate, "sampleRate of decodeAudioData");
  VectorSink sink;
  const DecodedShape shape = decodeSound(bytes, static_cast<int>(std::lround(sampleRate)), kMostDecodedSamples, sink);
  auto buffer = std::make_shared<AudioBuffer>(AudioBufferOptions{shape.channels, shape.frames, sampleRate});
  for (std::uint32_t c = 0; c < shape.channels; ++c) {
    buffer->copyToChannel(std::span(sink.planes[c]).first(shape.frames), c);
    std::vector<float>().swap(sink.planes[c]);
  }
  return buffer;
}

}  // namespace backline::media
