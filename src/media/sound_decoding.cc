#include "media/sound_decoding.h"

#include <optional>

#include "media/resampler.h"
#include "media/sound_file.h"

namespace backline::media {

DecodedShape decodeSound(std::span<const std::byte> bytes, int sampleRate, std::uint64_t mostSamples, PlanarSink& sink) {
  // What there is to say, the error says; FFmpeg would write to the program's standard error.
  av_log_set_level(AV_LOG_QUIET);
  SoundFile file(bytes);
  std::optional<Resampler> resampler;
  while (const AVFrame* frame = file.next()) {
    if (frame->nb_samples == 0) continue;
    if (!resampler) {
      resampler.emplace(*frame, sampleRate, mostSamples,
                        [&](std::span<const float* const> channels, std::size_t frames) { sink.take(channels, frames); });
    }
    resampler->add(*frame);
  }
  if (!resampler) failDecoding("there is not one frame of sound in the data");
  const std::uint64_t frames = resampler->finish();
  return {resampler->channels(), frames};
}

}  // namespace backline::media
