// Sound files: what is ours around FFmpeg (pages of Ogg, reading and seeking in memory, durations, damage). FFmpeg's own errors are FFmpeg's,
// so that only the formats of the corpus get that far.

#include <algorithm>

#include "control/errors.h"
#include "media/ogg.h"
#include "media/sound_decoding.h"
#include "media/sound_reader.h"
#include "tests/fuzz/input.h"

using namespace backline;

namespace {

bool startsWith(std::span<const std::byte> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

constexpr int kPieces = 50;

/// As a media element reads it: pieces from some places, which the file itself chooses.
void readFromAnywhere(std::span<const std::byte> bytes) {
  media::MemoryBytes source(bytes);
  try {
    media::SoundReader reader(source);
    std::int64_t place = 0;
    for (const std::byte each : bytes.last(std::min<std::size_t>(bytes.size(), 8))) {
      for (int i = 0; i < kPieces; ++i) {
        const AVFrame* frame = reader.next();
        if (!frame) break;
        fuzz::require(frame->nb_samples > 0 && frame->sample_rate == reader.info().sampleRate, "frames of one kind");
      }
      place = (place * 31 + std::to_integer<int>(each)) % 100'000;
      reader.seek(place);
    }
  } catch (const media::MediaFailure&) {
  }
}

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  const std::vector<std::byte> bytes = input.rest();
  fuzz::require(media::missingOggBytes(bytes) == 0 || media::isOgg(bytes), "only Ogg lacks a piece of a page");
  if (!startsWith(bytes, "RIFF") && !startsWith(bytes, "OggS") && !startsWith(bytes, "fLaC")) return;
  class Nowhere final : public media::PlanarSink {
    void take(std::span<const float* const>, std::size_t) override {}
  } nowhere;
  try {
    media::decodeSound(bytes, 48000, 1 << 20, nowhere);
  } catch (const Error&) {
  }
  readFromAnywhere(bytes);
}
