#include "media/sound_decoding.h"

#include <optional>
#include <string>

#include "control/errors.h"
#include "media/media_failure.h"
#include "media/ogg.h"
#include "media/resampler.h"
#include "media/sound_reader.h"

namespace backline::media {

void failDecoding(const std::string& why) { throw DomException("EncodingError", "decodeAudioData: " + why); }

DecodedShape decodeSound(std::span<const std::byte> bytes, int sampleRate, std::uint64_t mostSamples, PlanarSink& sink) {
  if (bytes.empty()) failDecoding("the data is empty");
  if (const auto missing = missingOggBytes(bytes)) {
    failDecoding("the data is truncated: it ends at byte " + std::to_string(bytes.size()) + ", in a page of Ogg that lacks " + std::to_string(missing) + " bytes");
  }
  try {
    MemoryBytes source(bytes);
    SoundReader reader(source);
    std::optional<Resampler> resampler;
    while (const AVFrame* frame = reader.next()) {
      if (!resampler) {
        resampler.emplace(*frame, sampleRate, mostSamples,
                          [&](std::span<const float* const> channels, std::size_t frames) { sink.take(channels, frames); });
      }
      resampler->add(*frame);
    }
    if (!resampler) failDecoding("the data has not one frame of sound");
    const std::uint64_t frames = resampler->finish();
    return {resampler->channels(), frames};
  } catch (const MediaFailure& failure) {
    failDecoding("the data " + std::string(failure.what()));
  }
}

}  // namespace backline::media
