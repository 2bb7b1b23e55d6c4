// Sound files: what is ours around FFmpeg (pages of Ogg, reading and seeking in memory, durations, damage). FFmpeg's own errors are FFmpeg's,
// so that only the formats of the corpus get that far.

#include "control/errors.h"
#include "media/ogg.h"
#include "media/sound_decoding.h"
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
  class Nowhere final : public media::PlanarSink {
    void take(std::span<const float* const>, std::size_t) override {}
  } nowhere;
  try {
    media::decodeSound(bytes, 48000, 1 << 20, nowhere);
  } catch (const Error&) {
  }
}
