#include "media/sound_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace backline::media {

namespace {

constexpr std::size_t kFramesAtOnce = 4096;   // libsndfile's Vorbis encoder keeps a block on its stack
constexpr double kVorbisQuality = 0.7;        // of 1

struct FormatName {
  std::string_view name;
  SoundFormat format;
  int major;
};
constexpr FormatName kFormats[] = {
    {"wav", SoundFormat::wav, SF_FORMAT_RF64 | SF_FORMAT_FLOAT},
    {"flac", SoundFormat::flac, SF_FORMAT_FLAC | SF_FORMAT_PCM_24},
    {"ogg", SoundFormat::ogg, SF_FORMAT_OGG | SF_FORMAT_VORBIS},
    {"opus", SoundFormat::opus, SF_FORMAT_OGG | SF_FORMAT_OPUS},
};

const FormatName& nameOf(SoundFormat format) {
  return *std::find_if(std::begin(kFormats), std::end(kFormats), [&](const FormatName& each) { return each.format == format; });
}

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

/// What the libraries behind libsndfile refuse only when the first frame comes, or not at all.
bool takes(SoundFormat format, std::uint32_t rate, std::uint32_t channels) {
  switch (format) {
    case SoundFormat::wav: return channels <= 1024;
    case SoundFormat::flac: return channels <= 8 && rate <= 655350;
    case SoundFormat::ogg: return channels <= 255 && rate >= 8000 && rate <= 192000;
    case SoundFormat::opus: return channels <= 255 && (rate == 8000 || rate == 12000 || rate == 16000 || rate == 24000 || rate == 48000);
  }
  return false;
}

}  // namespace

SoundFormat soundFormat(std::string_view name) {
  for (const FormatName& each : kFormats)
    if (each.name == name) return each.format;
  throw WriteFailure("there is no sound format '" + std::string(name) + "': wav, flac, ogg and opus are");
}

SoundWriter::SoundWriter(std::string path, SoundFormat format, std::uint32_t sampleRate, std::uint32_t channels)
    : path_(std::move(path)), partial_(path_ + "." + std::to_string(getpid()) + ".partial"), channels_(channels), interleaved_(kFramesAtOnce * channels) {
  SF_INFO info{};
  info.samplerate = static_cast<int>(sampleRate);
  info.channels = static_cast<int>(channels);
  info.format = nameOf(format).major;
  if (!takes(format, sampleRate, channels) || sf_format_check(&info) == SF_FALSE)
    throw WriteFailure("cannot write " + path_ + ": " + std::string(nameOf(format).name) + " takes " + limitsOf(format) + ", not " + std::to_string(channels) + " at " +
                       std::to_string(sampleRate) + " Hz");
  const int fd = open(partial_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) throw WriteFailure("cannot write " + path_ + ": " + std::strerror(errno));
  file_.reset(sf_open_fd(fd, SFM_WRITE, &info, SF_TRUE));
  if (!file_) {
    const std::string why = sf_strerror(nullptr);
    close(fd);
    unlink(partial_.c_str());
    throw WriteFailure("cannot write " + path_ + ": " + why);
  }
  sf_command(file_.get(), SFC_RF64_AUTO_DOWNGRADE, nullptr, SF_TRUE);   // an ordinary WAV while it can be
  sf_command(file_.get(), SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);   // it has a date in it
  sf_command(file_.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
  double quality = kVorbisQuality;
  sf_command(file_.get(), SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
}

SoundWriter::~SoundWriter() {
  if (!file_) return;
  file_.reset();
  unlink(partial_.c_str());
}

void SoundWriter::fail(int error) {
  std::string why = error != 0 ? std::strerror(error) : file_ ? sf_strerror(file_.get()) : "the file could not be ended";
  file_.reset();
  unlink(partial_.c_str());
  throw WriteFailure("cannot write " + path_ + ": " + why);
}

void SoundWriter::write(std::span<const float* const> channels, std::size_t frames) {
  if (!file_) throw WriteFailure("cannot write " + path_ + ": it has ended");
  for (std::size_t from = 0; from < frames; from += kFramesAtOnce) {
    const std::size_t count = std::min(kFramesAtOnce, frames - from);
    for (std::uint32_t c = 0; c < channels_; ++c)
      for (std::size_t i = 0; i < count; ++i) interleaved_[i * channels_ + c] = channels[c][from + i];
    errno = 0;
    if (sf_writef_float(file_.get(), interleaved_.data(), static_cast<sf_count_t>(count)) != static_cast<sf_count_t>(count)) fail(errno);
    frames_ += count;
  }
}

void SoundWriter::finish() {
  if (!file_) throw WriteFailure("cannot write " + path_ + ": it has ended");
  errno = 0;
  if (sf_close(file_.release()) != 0) fail(errno);
  if (std::rename(partial_.c_str(), path_.c_str()) != 0) fail(errno);
}

}  // namespace backline::media
