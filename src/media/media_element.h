#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/media_element_source_node.h"
#include "media/media_elements.h"
#include "media/media_location.h"
#include "media/media_state.h"

namespace backline::media {

class MediaPump;

enum class NetworkState : std::uint16_t { empty, idle, loading, noSource };
enum class ReadyState : std::uint16_t { nothing, metadata, currentData, futureData, enoughData };

struct MediaError {
  MediaErrorCode code;
  std::string message;   ///< names the file, and what is wrong with it
};

struct TimeRange {
  double start, end;     ///< seconds
};
using TimeRanges = std::vector<TimeRange>;

/// An HTMLAudioElement (https://html.spec.whatwg.org/multipage/media.html) that plays a sound of any length from a file, a URL or memory: by
/// itself on the engine's device, or, once a MediaElementAudioSourceNode has taken it, through that only. Its end ends its sound.
/// Events and completions wait until MediaElements::dispatch(). [control]
class MediaElement final : public MediaElementSound, public std::enable_shared_from_this<MediaElement> {
 public:
  static std::shared_ptr<MediaElement> create(MediaElements& elements);
  ~MediaElement() override;
  MediaElement(const MediaElement&) = delete;
  MediaElement& operator=(const MediaElement&) = delete;

  /// Every event by its name, in the order of the HTML standard.
  std::function<void(const std::string& type)> onevent;

  /// A path or a URL: file:, http:, https:, data:. Loads it; what is wrong with it is told by the event "error".
  void setSrc(const std::string& src);
  const std::string& src() const { return src_; }
  /// A source whose bytes come later by provide(), under the name `src`.
  void awaitSrc(const std::string& src);
  /// None: `why` they cannot be had. Ignored unless they are awaited.
  void provide(MediaBytes bytes, const std::string& why = "");
  const std::string& currentSrc() const { return currentSrc_; }
  void load();

  NetworkState networkState() const { return networkState_; }
  ReadyState readyState() const { return readyState_; }
  const std::optional<MediaError>& error() const { return error_; }
  /// "none", "metadata" or "auto"; anything else is "auto".
  const std::string& preload() const { return preload_; }
  void setPreload(const std::string& preload);

  /// Completes when it plays. Fails with NotSupportedError if the source cannot be played, with AbortError if something else was asked for.
  void play(Completion done = {});
  void pause();
  bool paused() const { return paused_; }
  bool ended() const { return hasPlayedOut() && !loop_; }
  bool seeking() const { return seeking_; }
  double currentTime() const;                 ///< seconds
  void setCurrentTime(double seconds);
  double duration() const { return duration_; }   ///< seconds; NaN: nothing is loaded; infinite: a stream
  bool loop() const { return loop_; }
  void setLoop(bool loop);
  bool autoplay() const { return autoplay_; }
  void setAutoplay(bool autoplay);
  double playbackRate() const { return playbackRate_; }
  /// Throws NotSupportedError but for 0 and 1/16 … 16.
  void setPlaybackRate(double rate);
  double defaultPlaybackRate() const { return defaultPlaybackRate_; }
  void setDefaultPlaybackRate(double rate);
  /// Whether another speed leaves the pitch as it is.
  bool preservesPitch() const { return preservesPitch_; }
  void setPreservesPitch(bool preserves);
  double volume() const { return volume_; }
  /// Throws IndexSizeError outside 0 … 1.
  void setVolume(double volume);
  bool muted() const { return muted_; }
  void setMuted(bool muted);

  TimeRanges buffered() const;
  TimeRanges seekable() const;
  TimeRanges played() const;
  /// "", "maybe" or "probably", for a MIME type.
  static std::string canPlayType(const std::string& type);

  void requireFree() const override;
  void take(std::shared_ptr<MediaElementOutput> output) override;
  bool isTaken() const { return taken_; }
  /// Something is still to be heard or told, so that the element is to be kept; and told when that changes.
  bool isActive() const { return tasks_ > 0 || isLoading() || wantsToSound(); }
  std::function<void(bool active)> onactive;

 private:
  friend class MediaElements;

  struct Settlement {
    std::vector<Completion> promises;
    std::optional<Error> error;
  };

  explicit MediaElement(MediaElements& elements);

  // media_element_load.cc
  void selectResource();
  void fetch();
  void failSource(const MediaError& error);
  void showOpened();
  void showSeeked();
  void showStarved(bool starved);
  void showPlayedOut();
  void showFailure(const MediaFailure& failure);
  void notifyAboutPlaying();
  void observe();

  // media_element_output.cc
  void updateOutput();
  void updateActive();
  void attachRing(double position);
  void placeAt(double seconds);
  void loseOutput(const std::string& why);
  void commit();
  void dropPump();
  void shut();
  bool isBusy() const { return isLoading() || (wantsToSound() && !taken_); }
  bool runsSharedContext() const { return ownOutput_ && wantsToSound(); }
  bool isLoading() const { return awaitsBytes_ || (pump_ && !known_.opened && !known_.failure && !error_); }
  bool wantsToSound() const { return !paused_ && pump_ && !error_ && !hasPlayedOut(); }
  bool hasPlayedOut() const { return readyState_ >= ReadyState::metadata && playedOut_ && !seeking_; }
  double effectiveVolume() const { return muted_ ? 0 : volume_; }

  void queue(std::function<void()> task);
  void fire(const char* type);
  void tell(const char* type);
  void settle(std::vector<Completion> promises, std::optional<Error> error);
  void settleNow();
  std::vector<Completion> takePromises() { return std::exchange(pendingPlay_, {}); }
  void seek(double seconds);
  void notePlayed();

  MediaElements& elements_;
  std::string src_, currentSrc_, preload_ = "metadata";
  bool hasSrc_ = false, awaitsBytes_ = false, fetchDelayed_ = false;
  MediaBytes bytes_;
  NetworkState networkState_ = NetworkState::empty;
  ReadyState readyState_ = ReadyState::nothing;
  std::optional<MediaError> error_;
  bool paused_ = true, seeking_ = false, loop_ = false, autoplay_ = false, canAutoplay_ = true, muted_ = false, preservesPitch_ = true;
  double duration_ = std::numeric_limits<double>::quiet_NaN(), startPosition_ = 0, volume_ = 1, playbackRate_ = 1, defaultPlaybackRate_ = 1;
  std::vector<Completion> pendingPlay_;
  std::vector<std::shared_ptr<Settlement>> settlements_;   // in tasks
  std::size_t tasks_ = 0;                                  // queued
  std::uint64_t generation_ = 0;                           // of the source: tasks of an older one do nothing
  TimeRanges played_;
  std::optional<double> playedFrom_;

  std::unique_ptr<MediaPump> pump_;
  PumpState known_;                // as last observed
  bool playedOut_ = false;
  std::uint32_t place_ = 0;        // number of the last place() of the pump
  std::shared_ptr<MediaElementOutput> output_;
  bool ownOutput_ = false, taken_ = false, bound_ = false, active_ = false;
};

}  // namespace backline::media
