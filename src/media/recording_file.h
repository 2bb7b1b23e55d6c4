#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "media/recording_stream.h"

namespace backline::media {

/// A sound file that is readable at every moment of its making: whatever ends the program, it opens, and holds all but the last second. A disk that is
/// full or fails ends it, with everything until then. docs/recording.md has its states. [one thread at a time]
class RecordingFile {
 public:
  struct Options {
    bool replace = false;                      ///< a file that is there; else that is a failure
    std::uint64_t riffLimit = 0xffffffff;      ///< bytes; a WAV file that is larger becomes RF64
  };
  /// Throws WriteFailure naming path and reason; then there is no new file.
  RecordingFile(std::string path, const RecordingFormat& format, RecordingOrigin origin, const Options& options);
  RecordingFile(std::string path, const RecordingFormat& format, RecordingOrigin origin) : RecordingFile(std::move(path), format, std::move(origin), Options{}) {}
  ~RecordingFile();   ///< finishes it, if nobody has

  /// Where the first frame came from, if that is known only when it comes. Throws as append().
  void setOrigin(RecordingOrigin origin);
  /// Appends interleaved frames, 1 full scale. Throws WriteFailure; then the file is finished with the frames before these.
  void append(const float* interleaved, std::size_t frames);
  /// Appends so many frames of silence for what was lost, and notes it in the file. Throws as append().
  void gap(std::uint64_t frames, std::string_view reason);
  /// Notes in the file that so many frames were left out here. Throws as append().
  void paused(std::uint64_t frames);
  /// What was appended survives a crash of the machine; blocks for as long as the disk takes. Throws as append().
  void sync();
  /// Ends the file. Throws WriteFailure. Again: does nothing.
  void finish();

  const std::string& path() const { return path_; }
  std::uint64_t frames() const { return frames_; }   ///< in the file; what an encoder holds back is in it once it is finished
  std::uint64_t bytes() const { return file_ ? file_->size() : bytes_; }

 private:
  template <class Work>
  void guarded(Work work);
  void close();

  const std::string path_;
  const std::uint32_t channels_;
  RecordingNotes notes_;
  std::unique_ptr<DiskFile> file_;             // while it is written
  std::unique_ptr<RecordingStream> stream_;
  std::uint64_t frames_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace backline::media
