#include "media/sound_format.h"

#include <algorithm>
#include <iterator>

namespace backline::media {

namespace {

struct FormatName {
  std::string_view name;
  SoundFormat format;
};
constexpr FormatName kFormats[] = {
    {"wav", SoundFormat::wav}, {"flac", SoundFormat::flac}, {"ogg", SoundFormat::ogg}, {"opus", SoundFormat::opus}};

/// What it takes, where that is not everything.
const char* limitsOf(SoundFormat format) {
  switch (format) {
    case SoundFormat::wav: return "1 … 1024 channels";
    case SoundFormat::flac: return "1 … 8 channels at 1 … 655350 Hz";
    case SoundFormat::ogg: return "1 … 255 channels at 8000 … 192000 Hz";
    case SoundFormat::opus: return "1 … 255 channels at 8000, 12000, 16000, 24000 or 48000 Hz";
  }
  return "";
}

}  // namespace

/// What the libraries refuse only when the first frame comes, or not at all.
bool takesSound(SoundFormat format, std::uint32_t rate, std::uint32_t channels) {
  if (channels == 0 || rate == 0) return false;
  switch (format) {
    case SoundFormat::wav: return channels <= 1024;
    case SoundFormat::flac: return channels <= 8 && rate <= 655350;
    case SoundFormat::ogg: return channels <= 255 && rate >= 8000 && rate <= 192000;
    case SoundFormat::opus: return channels <= 255 && (rate == 8000 || rate == 12000 || rate == 16000 || rate == 24000 || rate == 48000);
  }
  return false;
}

SoundFormat soundFormat(std::string_view name) {
  for (const FormatName& each : kFormats)
    if (each.name == name) return each.format;
  throw WriteFailure("there is no sound format '" + std::string(name) + "': wav, flac, ogg and opus are");
}

std::string_view soundFormatName(SoundFormat format) {
  return std::find_if(std::begin(kFormats), std::end(kFormats), [&](const FormatName& each) { return each.format == format; })->name;
}

void checkSoundFormat(const std::string& path, SoundFormat format, std::uint32_t sampleRate, std::uint32_t channels) {
  if (takesSound(format, sampleRate, channels)) return;
  throw WriteFailure("cannot write " + path + ": " + std::string(soundFormatName(format)) + " takes " + limitsOf(format) + ", not " +
                     std::to_string(channels) + " at " + std::to_string(sampleRate) + " Hz");
}

}  // namespace backline::media
