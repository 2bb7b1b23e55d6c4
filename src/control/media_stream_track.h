#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/media_stream_source.h"

namespace backline {

/// A new identifier in the form of RFC 4122, random.
std::string newMediaId();

enum class MediaStreamTrackState { live, ended };

/// Media Capture and Streams §4.3, for sound: https://w3c.github.io/mediacapture-main. Several tracks may share a source; each is stopped by
/// itself, and the last one's end closes it. [control]
class MediaStreamTrack : public std::enable_shared_from_this<MediaStreamTrack> {
 public:
  /// Who plays the track. Detaches itself before it goes.
  class Consumer {
   public:
    virtual void trackEnabled(bool enabled) = 0;
    /// The track gives nothing any more; it has let go of this consumer.
    virtual void trackEnded() = 0;

   protected:
    ~Consumer() = default;
  };

  explicit MediaStreamTrack(std::shared_ptr<MediaSource> source);
  ~MediaStreamTrack();
  MediaStreamTrack(const MediaStreamTrack&) = delete;
  MediaStreamTrack& operator=(const MediaStreamTrack&) = delete;

  const char* kind() const { return "audio"; }
  const std::string& id() const { return id_; }
  const std::string& label() const { return label_; }
  /// A track that is not enabled is silent.
  bool enabled() const { return enabled_; }
  void setEnabled(bool enabled);
  /// Never: a source that cannot give sound has ended.
  bool muted() const { return false; }
  MediaStreamTrackState readyState() const { return source_ ? MediaStreamTrackState::live : MediaStreamTrackState::ended; }
  /// Ends it without `onended`.
  void stop();
  /// Another track of the same source, as enabled as this one.
  std::shared_ptr<MediaStreamTrack> clone() const;
  /// What the source gives; after the end what it gave at last.
  MediaSourceInfo settings() const { return source_ ? source_->info() : lastSettings_; }

  /// The source has gone. Called by dispatch().
  std::function<void()> onended;
  /// `wake` is called, on any thread, when there is something to dispatch.
  void onWake(std::function<void()> wake);
  /// Runs what has happened. Contexts that play the track call it in their own.
  void dispatch();

  /// One more reader. Throws InvalidStateError once the track has ended, NotSupportedError if there are too many.
  std::unique_ptr<MediaFeed> open(const MediaFeedOptions& options = {}) const;
  bool keepsStepWith(const SessionLink& session) const { return source_ && source_->keepsStepWith(session); }
  /// False once the track or its source has ended.
  bool canOpen() const { return source_ && !source_->end()->isReached(); }
  void attach(Consumer& consumer) { consumers_.push_back(&consumer); }
  void detach(Consumer& consumer) { std::erase(consumers_, &consumer); }
  /// Where it is told that the source has ended; null once the track has.
  std::shared_ptr<MediaSourceEnd> sourceEnd() const { return source_ ? source_->end() : nullptr; }

 private:
  MediaStreamTrack() : id_(newMediaId()) {}   // one that has ended

  std::shared_ptr<MediaSource> source_;   // null: ended
  std::string id_, label_;
  MediaSourceInfo lastSettings_;
  bool enabled_ = true;
  std::vector<Consumer*> consumers_;
};

}  // namespace backline
