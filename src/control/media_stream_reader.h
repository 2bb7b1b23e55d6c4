#pragma once

#include <atomic>

#include "control/media_stream_track.h"
#include "transport/notify_fd.h"

namespace backline {

/// A program's own ear at a track: its frames as they come, with their times. Never blocks.
/// Thread safety: made and destroyed on the control thread; read() and what follows on any one thread.
class MediaStreamReader final : private MediaStreamTrack::Consumer {
 public:
  /// Hears what sounds from now on. Throws as MediaStreamTrack::open.
  explicit MediaStreamReader(std::shared_ptr<MediaStreamTrack> track, const MediaFeedOptions& options = {});
  ~MediaStreamReader();
  MediaStreamReader(const MediaStreamReader&) = delete;
  MediaStreamReader& operator=(const MediaStreamReader&) = delete;

  float sampleRate() const { return reader_.format().sampleRate; }        ///< Hz
  std::uint32_t channels() const { return reader_.format().channels; }
  /// Up to `frames` interleaved frames; how many there were. Silence while the track is not enabled.
  std::uint32_t read(float* interleaved, std::uint32_t frames) noexcept;
  std::uint32_t available() const noexcept { return reader_.available(); }
  /// Position in the stream of the next frame, and how many before it were lost because nobody read them.
  std::uint64_t position() const noexcept { return reader_.consumed(); }
  std::uint64_t lost() const noexcept { return reader_.dropped(); }
  /// When and where a newer frame was taken: a known device frame or context frame. False before the first.
  bool mark(transport::TimelineMark& newest) const noexcept { return reader_.mark(newest); }
  /// Nothing will come any more; what has come can still be read.
  bool ended() const noexcept;
  /// eventfd, signalled when frames came; for poll() and its like.
  const transport::Fd& written() const { return written_.fd(); }
  /// Sleeps until frames came or the time is over. Negative: no limit.
  bool wait(int milliseconds) const noexcept { return written_.wait(milliseconds); }
  /// Ends a wait(), now or the next one. [any thread]
  void wake() const noexcept { written_.signal(); }

 private:
  void trackEnabled(bool enabled) override { enabled_.store(enabled, std::memory_order_relaxed); }
  void trackEnded() override;

  std::shared_ptr<MediaStreamTrack> track_;   // null: ended
  std::unique_ptr<MediaFeed> feed_;
  transport::RingReader reader_;
  transport::NotifyFd written_;
  std::atomic<bool> enabled_, ended_{false};
};

}  // namespace backline
