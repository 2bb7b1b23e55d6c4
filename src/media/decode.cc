#include "media/decode.h"

#include <cmath>
#include <optional>

#include "media/resampler.h"
#include "media/sound_file.h"

namespace backline::media {

std::shared_ptr<AudioBuffer> decodeAudioData(std::span<const std::byte> bytes, float sampleRate) {
  // What there is to say, the error says; FFmpeg would write to the program's standard error.
  av_log_set_level(AV_LOG_QUIET);
  SoundFile file(bytes);
  std::optional<Resampler> resampler;
  while (const AVFrame* frame = file.next()) {
    if (frame->nb_samples == 0) continue;
    if (!resampler) resampler.emplace(*frame, static_cast<int>(std::lround(sampleRate)));
    resampler->add(*frame);
  }
  if (!resampler) failDecoding("there is not one frame of sound in the data");
  auto channels = resampler->finish();
  auto buffer = std::make_shared<AudioBuffer>(
      AudioBufferOptions{static_cast<std::uint32_t>(channels.size()), channels[0].size(), sampleRate});
  for (std::uint32_t i = 0; i < channels.size(); ++i) {
    buffer->copyToChannel(channels[i], i);
    std::vector<float>().swap(channels[i]);
  }
  return buffer;
}

}  // namespace backline::media
