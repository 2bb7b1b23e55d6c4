#include "media/recording_take.h"

#include <algorithm>
#include <filesystem>
#include <limits>

namespace backline::media {

namespace {

constexpr std::size_t kLeastDigits = 3;

}  // namespace

RecordingTake::RecordingTake(TakeOptions options, Origin origin) : options_(std::move(options)), origin_(std::move(origin)) { open(); }

std::string RecordingTake::nextPath() {
  if (options_.splitFrames == 0) return options_.path;
  const std::filesystem::path path(options_.path);
  for (;;) {
    const std::string number = std::to_string(++number_);
    const std::string name = path.stem().string() + "-" + std::string(kLeastDigits - std::min(number.size(), kLeastDigits), '0') + number + path.extension().string();
    const std::string next = (path.parent_path() / name).string();
    // That the first one is there is for people to decide; hours later a number that is taken is no reason to end.
    if (number_ == 1 || options_.replace || !std::filesystem::exists(std::filesystem::symlink_status(next))) return next;
  }
}

void RecordingTake::open() {
  const std::string path = nextPath();
  auto next = std::make_unique<RecordingFile>(path, options_.format, origin_(file_ ? frames() : 0), RecordingFile::Options{.replace = options_.replace});
  if (file_) {
    framesBefore_ += file_->frames();
    bytesBefore_ += file_->bytes();
  }
  file_ = std::move(next);
  files_.push_back(path);
}

/// Frames that the file may have yet; of a full one, those of the next.
std::uint64_t RecordingTake::room() {
  if (options_.splitFrames == 0) return std::numeric_limits<std::uint64_t>::max();
  if (file_->frames() == options_.splitFrames) {
    file_->finish();
    open();
  }
  return options_.splitFrames - file_->frames();
}

void RecordingTake::append(const float* interleaved, std::size_t frames) {
  while (frames > 0) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(frames, room()));
    file_->append(interleaved, count);
    interleaved += count * options_.format.channels;
    frames -= count;
  }
}

void RecordingTake::gap(std::uint64_t frames, std::string_view reason) {
  while (frames > 0) {
    const std::uint64_t count = std::min(frames, room());
    file_->gap(count, reason);
    frames -= count;
  }
}

void RecordingTake::paused(std::uint64_t frames) {
  room();
  file_->paused(frames);
}

}  // namespace backline::media
