#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "transport/fd.h"
#include "transport/ring_stream.h"

namespace backline {

class SessionLink;

struct MediaSourceInfo {
  std::string label, deviceId;       ///< deviceId is empty where there is no device
  std::string clock;                 ///< sources and sessions that say the same run from one clock; empty: its own
  float sampleRate = 0;              ///< Hz
  std::uint32_t channelCount = 0;
  double latency = 0;                ///< seconds from the sound to the ring
};

/// One reader's part in a source: a ring that is filled until this object goes.
class MediaFeed {
 public:
  virtual ~MediaFeed() = default;
  virtual const transport::Fd& ring() const = 0;
  /// eventfd, signalled when frames were written.
  virtual const transport::Fd& written() const = 0;
  /// The source fills it from now on, though what opened it belongs to a batch that is still open.
  virtual void begin() {}
};

struct MediaFeedOptions {
  std::uint32_t capacityFrames = 0;   ///< of the ring; 0: half a second
  transport::Overflow overflow = transport::Overflow::dropOldest;
};

/// That a source has ended, told by whatever thread learns of it first.
/// Thread safety: any thread.
class MediaSourceEnd {
 public:
  bool isReached() const;
  void reach();
  /// `wake` is called once, on some thread, when the end is reached; at once if it has been. Empty: not any more.
  void onReached(const void* who, std::function<void()> wake);

 private:
  mutable std::mutex mutex_;
  bool reached_ = false;
  std::map<const void*, std::function<void()>> wakes_;
};

/// Where the sound of MediaStreamTracks comes from; opens one more ring for each of their readers. [control]
class MediaSource {
 public:
  virtual ~MediaSource() = default;
  virtual MediaSourceInfo info() const = 0;
  /// Throws InvalidStateError, NotSupportedError, NotReadableError.
  virtual std::unique_ptr<MediaFeed> open(const MediaFeedOptions& options) = 0;
  /// Whether its frames keep step with those of a session.
  virtual bool keepsStepWith(const SessionLink& session) const;
  const std::shared_ptr<MediaSourceEnd>& end() const { return end_; }

 private:
  std::shared_ptr<MediaSourceEnd> end_ = std::make_shared<MediaSourceEnd>();
};

}  // namespace backline
