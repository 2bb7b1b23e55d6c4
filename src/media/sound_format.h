#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace backline::media {

/// Why a sound file cannot be written, for people: names the file, and what is wrong.
class WriteFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How a file holds sound. wav: 32-bit floats, as RF64 (EBU Tech 3306) from 4 GB on; flac: 24 bits; ogg: Vorbis; opus: Opus in Ogg.
enum class SoundFormat { wav, flac, ogg, opus };

/// By its name. Throws WriteFailure naming those that there are.
SoundFormat soundFormat(std::string_view name);
std::string_view soundFormatName(SoundFormat format);

/// Whether it can have the rate (Hz) and the channels.
bool takesSound(SoundFormat format, std::uint32_t sampleRate, std::uint32_t channels);
/// Throws WriteFailure naming the file and what the format takes, if it cannot have the rate (Hz) or the channels.
void checkSoundFormat(const std::string& path, SoundFormat format, std::uint32_t sampleRate, std::uint32_t channels);

/// Of Vorbis files, of 1.
inline constexpr float kVorbisQuality = 0.7f;

}  // namespace backline::media
