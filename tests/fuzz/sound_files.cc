// Sound files: what is ours around FFmpeg (pages of Ogg, reading and seeking in memory, durations, damage). FFmpeg's own errors are FFmpeg's,
// so that only the formats of the corpus get that far.

#include "control/errors.h"
#include "media/ogg.h"
#include "media/resampler.h"
#include "media/sound_file.h"
#include "tests/fuzz/input.h"

namespace {

bool startsWith(std::span<const std::byte> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

}  // namespace

using namespace backline;

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  const std::vector<std::byte> bytes = input.rest();
  fuzz::require(media::missingOggBytes(bytes) == 0 || media::isOgg(bytes), "only Ogg lacks a piece of a page");
  if (!startsWith(bytes, "RIFF") && !startsWith(bytes, "OggS") && !startsWith(bytes, "fLaC")) return;
  av_log_set_level(AV_LOG_QUIET);
  try {
    media::SoundFile file(bytes);
    std::optional<media::Resampler> resampler;
    std::uint64_t frames = 0;
    while (const AVFrame* frame = file.next()) {
      if (frame->nb_samples == 0) continue;
      if (!resampler) resampler.emplace(*frame, 48000);
      resampler->add(*frame);
      if ((frames += static_cast<std::uint64_t>(frame->nb_samples)) > 1 << 20) return;
    }
    if (resampler) resampler->finish();
  } catch (const Error&) {
  }
}
