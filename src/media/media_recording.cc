#include "media/media_recording.h"

#include <pthread.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace backline::media {

namespace {

constexpr double kRingSeconds = 20;
constexpr std::uint32_t kMostRingFrames = 1 << 24;
constexpr std::uint32_t kPieceFrames = 4096;
constexpr int kLook = 20;   // ms: commands are looked for at least so often
constexpr std::uint64_t kLongestSilence = std::uint64_t{1} << 26;   // frames; what a peer says it has lost beyond is nonsense

MediaFeedOptions feedFor(const MediaStreamTrack& track) {
  const float rate = track.settings().sampleRate;
  return {std::min(static_cast<std::uint32_t>(rate * kRingSeconds), kMostRingFrames), transport::Overflow::dropOldest};
}

}  // namespace

MediaRecording::MediaRecording(std::shared_ptr<MediaStreamTrack> track, const MediaRecordingOptions& options, std::function<void()> wake)
    : options_(options),
      wake_(std::move(wake)),
      reader_(track, feedFor(*track)),
      stream_(options.format, static_cast<std::uint32_t>(std::lround(reader_.sampleRate())), reader_.channels(), options.bitsPerSecond),
      frames_(std::size_t{kPieceFrames} * reader_.channels()),
      thread_([this] { run(); }) {}

MediaRecording::~MediaRecording() { end(); }

void MediaRecording::end() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void MediaRecording::tell(Command command) {
  {
    const std::lock_guard lock(mutex_);
    commands_.push_back(command);
  }
  reader_.wake();
}

std::optional<MediaRecording::Chunk> MediaRecording::take() {
  const std::lock_guard lock(mutex_);
  if (chunks_.empty()) return {};
  Chunk chunk = std::move(chunks_.front());
  chunks_.pop_front();
  return chunk;
}

void MediaRecording::run() {
  pthread_setname_np(pthread_self(), "media recorder");
  try {
    record();
    stream_.finish();
    emit(true);
  } catch (const std::exception& failure) {
    emit(true, failure.what());
  }
}

void MediaRecording::record() {
  for (;;) {
    const bool over = reader_.ended();   // asked first: what came before the end is then all there
    std::deque<Command> commands;
    {
      const std::lock_guard lock(mutex_);
      commands.swap(commands_);
    }
    readSome();
    for (const Command command : commands)
      if (!serve(command)) return;
    if (over) return;
    if (commands.empty()) reader_.wait(kLook);
  }
}

bool MediaRecording::serve(Command command) {
  switch (command) {
    case Command::pause: paused_ = true; return true;
    case Command::resume: paused_ = false; return true;
    case Command::request: emit(false); return true;
    case Command::stop: return false;
  }
  return true;
}

void MediaRecording::readSome() {
  std::uint32_t left = reader_.available();
  while (left > 0) {
    const std::uint32_t count = reader_.read(frames_.data(), std::min(left, kPieceFrames));
    if (count == 0) return;
    left -= std::min(left, count);
    std::uint64_t lost = std::min(reader_.position() - count - seen_, kLongestSilence);
    seen_ = reader_.position();
    const std::vector<float> silence(lost > 0 ? frames_.size() : 0);
    for (std::uint64_t piece = 0; lost > 0; lost -= piece) {
      piece = std::min<std::uint64_t>(lost, kPieceFrames);
      append(silence.data(), piece);
    }
    append(frames_.data(), count);
  }
}

void MediaRecording::append(const float* interleaved, std::size_t frames) {
  if (paused_) return;
  const auto slice = static_cast<std::uint64_t>(options_.timeslice * reader_.sampleRate());
  while (frames > 0) {
    std::size_t count = frames;
    if (slice > 0) count = std::min<std::size_t>(count, std::max(slice, recorded_ - chunk_ + 1) - (recorded_ - chunk_));
    stream_.write({interleaved, count * reader_.channels()});
    interleaved += count * reader_.channels();
    frames -= count;
    recorded_ += count;
    if (slice > 0 && recorded_ - chunk_ >= slice) emit(false);
  }
}

void MediaRecording::emit(bool last, std::string error) {
  Chunk chunk{stream_.take(), static_cast<double>(chunk_) / reader_.sampleRate(), last, std::move(error)};
  chunk_ = recorded_;
  {
    const std::lock_guard lock(mutex_);
    chunks_.push_back(std::move(chunk));
  }
  wake_();
}

}  // namespace backline::media
