#include "media/recording_file.h"

#include <unistd.h>

#include <algorithm>
#include <vector>

namespace backline::media {

namespace {

constexpr std::size_t kSilenceFrames = 4096;   // at once

std::unique_ptr<RecordingStream> makeStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes, std::uint64_t riffLimit) {
  switch (format.format) {
    case SoundFormat::wav: return makeWaveStream(file, format, notes, riffLimit);
    case SoundFormat::flac: return makeFlacStream(file, format, notes);
    case SoundFormat::ogg: return makeVorbisStream(file, format, notes);
    case SoundFormat::opus: return makeOpusStream(file, format, notes);
  }
  return nullptr;
}

/// Bytes that ending a file may take: a WAV file has its end at every moment; of the others this is more than the encoder holds back.
std::uint64_t endingBytes(const RecordingFormat& format) {
  return format.format == SoundFormat::wav ? 0 : (1 << 16) + std::uint64_t{format.channels} * (1 << 15);
}

}  // namespace

RecordingFile::RecordingFile(std::string path, const RecordingFormat& format, RecordingOrigin origin, const Options& options)
    : path_(std::move(path)), channels_(format.channels), notes_(std::move(origin)) {
  checkSoundFormat(path_, format.format, format.sampleRate, format.channels);
  file_ = std::make_unique<DiskFile>(path_, options.replace, endingBytes(format));
  try {
    stream_ = makeStream(*file_, format, notes_, options.riffLimit);
  } catch (const WriteFailure&) {
    if (!options.replace) unlink(path_.c_str());
    throw;
  }
}

RecordingFile::~RecordingFile() {
  try {
    finish();
  } catch (const WriteFailure&) {
    // Everything until then is in the file, and nobody is left to tell.
  }
}

void RecordingFile::close() {
  bytes_ = file_->size();
  stream_.reset();
  file_.reset();
}

template <class Work>
void RecordingFile::guarded(Work work) {
  if (!file_) throw WriteFailure("cannot write " + path_ + ": it has ended");
  try {
    work();
  } catch (const WriteFailure&) {
    try {
      stream_->end();
      file_->sync();
    } catch (const WriteFailure&) {
      // It ends a little earlier, then.
    }
    close();
    throw;
  }
}

void RecordingFile::setOrigin(RecordingOrigin origin) {
  notes_.setOrigin(std::move(origin));
  guarded([&] { stream_->annotate(notes_); });
}

void RecordingFile::append(const float* interleaved, std::size_t frames) {
  guarded([&] { stream_->append(interleaved, frames); });
  frames_ += frames;
}

void RecordingFile::gap(std::uint64_t frames, std::string_view reason) {
  notes_.gap(frames_, frames, reason);
  guarded([&] { stream_->annotate(notes_); });
  const std::vector<float> silence(kSilenceFrames * channels_);
  while (frames > 0) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(frames, kSilenceFrames));
    append(silence.data(), count);
    frames -= count;
  }
}

void RecordingFile::paused(std::uint64_t frames) {
  notes_.pause(frames_, frames);
  guarded([&] { stream_->annotate(notes_); });
}

void RecordingFile::sync() {
  guarded([&] { file_->sync(); });
}

void RecordingFile::finish() {
  if (!file_) return;
  guarded([&] {
    stream_->end();
    file_->sync();
  });
  close();
}

}  // namespace backline::media
