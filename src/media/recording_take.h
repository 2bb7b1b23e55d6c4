#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "media/recording_file.h"

namespace backline::media {

struct TakeOptions {
  std::string path;
  RecordingFormat format;
  bool replace = false;            ///< files that are there
  std::uint64_t splitFrames = 0;   ///< a file each: take-001.wav, take-002.wav, … of take.wav; 0: one file
};

/// One take in one file or, every so many frames, another: not a frame is lost between them, none is twice. Every failure is a WriteFailure; what came
/// before is readable. [one thread at a time]
class RecordingTake {
 public:
  /// The origin of the file that begins with a frame of the take.
  using Origin = std::function<RecordingOrigin(std::uint64_t takeFrame)>;

  /// Opens the first file.
  RecordingTake(TakeOptions options, Origin origin);

  /// Asks for the origin of the file again, which is known better when its first frame is there.
  void restate() { file_->setOrigin(origin_(framesBefore_)); }
  /// As RecordingFile has them.
  void append(const float* interleaved, std::size_t frames);
  void gap(std::uint64_t frames, std::string_view reason);
  void paused(std::uint64_t frames);
  void sync() { file_->sync(); }
  void finish() { file_->finish(); }

  std::uint64_t frames() const { return framesBefore_ + file_->frames(); }   ///< in all files
  std::uint64_t bytes() const { return bytesBefore_ + file_->bytes(); }      ///< of all files
  const std::vector<std::string>& files() const { return files_; }           ///< paths

 private:
  std::string nextPath();
  void open();
  std::uint64_t room();

  const TakeOptions options_;
  const Origin origin_;
  std::unique_ptr<RecordingFile> file_;
  std::uint64_t number_ = 0, framesBefore_ = 0, bytesBefore_ = 0;
  std::vector<std::string> files_;
};

}  // namespace backline::media
