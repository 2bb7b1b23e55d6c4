#include "media/sound_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "media/sndfile_encoding.h"

namespace backline::media {

SoundWriter::SoundWriter(std::string path, SoundFormat format, std::uint32_t sampleRate, std::uint32_t channels)
    : path_(std::move(path)), partial_(path_ + "." + std::to_string(getpid()) + ".partial"), channels_(channels), interleaved_(kSndfileFrames * channels) {
  checkSoundFormat(path_, format, sampleRate, channels);
  SF_INFO info = sndfileInfo(format, SF_FORMAT_RF64, sampleRate, channels);
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
  settle(file_.get(), kVorbisQuality);
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
  for (std::size_t from = 0; from < frames; from += kSndfileFrames) {
    const std::size_t count = std::min(kSndfileFrames, frames - from);
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
