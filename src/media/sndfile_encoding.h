#pragma once

#include <sndfile.h>

#include "media/sound_format.h"

namespace backline::media {

/// libsndfile's Vorbis encoder keeps what it is given at once on its stack.
inline constexpr std::size_t kSndfileFrames = 4096;

/// `container`: libsndfile's word for what a WAV is to be, SF_FORMAT_WAV or SF_FORMAT_RF64.
inline SF_INFO sndfileInfo(SoundFormat format, int container, std::uint32_t sampleRate, std::uint32_t channels) {
  SF_INFO info{};
  info.samplerate = static_cast<int>(sampleRate);
  info.channels = static_cast<int>(channels);
  switch (format) {
    case SoundFormat::wav: info.format = container | SF_FORMAT_FLOAT; break;
    case SoundFormat::flac: info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_24; break;
    case SoundFormat::ogg: info.format = SF_FORMAT_OGG | SF_FORMAT_VORBIS; break;
    case SoundFormat::opus: info.format = SF_FORMAT_OGG | SF_FORMAT_OPUS; break;
  }
  return info;
}

/// The same bytes for the same sound, and no overflow. `vorbisQuality`: of 1.
inline void settle(SNDFILE* file, double vorbisQuality) {
  sf_command(file, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);   // it has a date in it
  sf_command(file, SFC_SET_CLIPPING, nullptr, SF_TRUE);
  sf_command(file, SFC_SET_VBR_ENCODING_QUALITY, &vorbisQuality, sizeof vorbisQuality);   // of Vorbis; others refuse it
}

}  // namespace backline::media
