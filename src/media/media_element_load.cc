// HTML §4.8.11.5: from a source to sound that can be played, and what its pump then tells.

#include <utility>

#include "control/errors.h"
#include "media/media_element.h"
#include "media/media_pump.h"

namespace backline::media {

void MediaElement::setSrc(const std::string& src) {
  src_ = src;
  hasSrc_ = true;
  awaitsBytes_ = false;
  bytes_.reset();
  load();
}

void MediaElement::awaitSrc(const std::string& src) {
  src_ = src;
  hasSrc_ = awaitsBytes_ = true;
  bytes_.reset();
  load();
}

void MediaElement::provide(MediaBytes bytes, const std::string& why) {
  if (!std::exchange(awaitsBytes_, false)) return;
  if (!bytes) {
    queue([this, why] { failSource({MediaErrorCode::srcNotSupported, src_ + ": " + why}); });
    return;
  }
  bytes_ = std::move(bytes);
  if (networkState_ == NetworkState::loading && !pump_) fetch();
}

void MediaElement::load() {
  ++generation_;
  settleNow();
  if (networkState_ == NetworkState::loading || networkState_ == NetworkState::idle) fire("abort");
  if (networkState_ != NetworkState::empty) {
    fire("emptied");
    const bool moved = currentTime() != 0;
    notePlayed();
    dropPump();
    readyState_ = ReadyState::nothing;
    if (!std::exchange(paused_, true)) settle(takePromises(), DomException("AbortError", "play was interrupted by another load"));
    seeking_ = false;
    startPosition_ = 0;
    if (moved) fire("timeupdate");
    duration_ = std::numeric_limits<double>::quiet_NaN();
  }
  played_.clear();
  error_.reset();
  canAutoplay_ = true;
  setPlaybackRate(defaultPlaybackRate_);
  selectResource();
  updateOutput();
}

void MediaElement::selectResource() {
  networkState_ = NetworkState::noSource;
  fetchDelayed_ = false;
  queue([this] {
    if (!hasSrc_) {
      networkState_ = NetworkState::empty;
      return;
    }
    networkState_ = NetworkState::loading;
    fire("loadstart");
    if (src_.empty()) {
      queue([this] { failSource({MediaErrorCode::srcNotSupported, "the src of the element is empty"}); });
      return;
    }
    currentSrc_ = src_;
    if (preload_ != "none" || autoplay_ || !paused_) return fetch();
    fetchDelayed_ = true;
    networkState_ = NetworkState::idle;
    fire("suspend");
  });
}

void MediaElement::fetch() {
  fetchDelayed_ = false;
  networkState_ = NetworkState::loading;
  if (awaitsBytes_) return updateOutput();
  try {
    MediaLocation location = bytes_ ? locate(src_, bytes_) : locate(src_);
    pump_ = std::make_unique<MediaPump>(elements_.helper_, std::move(location), [waker = elements_.waker_] { waker->wake(); });
  } catch (const MediaFailure& failure) {
    queue([this, error = MediaError{failure.code, failure.what()}] { failSource(error); });
    return;
  }
  known_ = {};
  playedOut_ = bound_ = false;
  if (playbackRate_ > 0) pump_->setSpeed(playbackRate_, preservesPitch_);
  pump_->setLoop(loop_);
  updateOutput();
}

/// The dedicated media source failure steps.
void MediaElement::failSource(const MediaError& error) {
  dropPump();
  error_ = error;
  networkState_ = NetworkState::noSource;
  updateOutput();
  tell("error");
  for (const auto& done : takePromises()) done(DomException("NotSupportedError", error.message));
}

// ------------------------------------------------------------------ what the pump tells

void MediaElement::observe() {
  if (!pump_) return;
  const PumpState before = std::exchange(known_, pump_->state());
  if (!before.opened && known_.opened) showOpened();
  if (!pump_ || error_) return;
  if (!known_.opened) {
    if (known_.failure && !before.failure) queue([this, error = MediaError{known_.failure->code, known_.failure->what()}] { failSource(error); });
    return;
  }
  if (known_.info.duration != duration_) {
    duration_ = known_.info.duration;
    fire("durationchange");
  }
  if (known_.placed == place_) {
    if (seeking_) showSeeked();
    if (known_.loops != before.loops) {
      notePlayed();
      for (const char* type : {"seeking", "timeupdate", "seeked"}) fire(type);
    }
    if (known_.starved != before.starved) showStarved(known_.starved);
    if (known_.ticks != before.ticks && !paused_) fire("timeupdate");
    const bool nothingLeft = known_.playedOut || !bound_;
    if (known_.failure && nothingLeft) showFailure(*known_.failure);
    else if (known_.playedOut && !std::exchange(playedOut_, true)) showPlayedOut();
  }
  updateOutput();
}

void MediaElement::showOpened() {
  duration_ = known_.info.duration;
  fire("durationchange");
  readyState_ = ReadyState::enoughData;
  fire("loadedmetadata");
  fire("loadeddata");
  const double start = std::exchange(startPosition_, 0);
  if (output_) attachRing(0);
  if (start > 0) seek(start);
  fire("canplay");
  if (!paused_) notifyAboutPlaying();
  fire("canplaythrough");
  networkState_ = NetworkState::idle;
  fire("suspend");
  if (!autoplay_ || !canAutoplay_ || !paused_) return;
  paused_ = false;
  fire("play");
  notifyAboutPlaying();
}

void MediaElement::showSeeked() {
  seeking_ = false;
  fire("timeupdate");
  fire("seeked");
}

void MediaElement::showStarved(bool starved) {
  readyState_ = starved ? ReadyState::currentData : ReadyState::enoughData;
  if (starved) {
    fire("timeupdate");
    if (!paused_) fire("waiting");
    return;
  }
  fire("canplay");
  if (!paused_) notifyAboutPlaying();
  fire("canplaythrough");
}

void MediaElement::showPlayedOut() {
  notePlayed();
  queue([this] {
    tell("timeupdate");
    if (!hasPlayedOut()) return;   // a listener has sent it elsewhere
    if (!paused_) {
      paused_ = true;
      tell("pause");
      for (const auto& done : takePromises()) done(DomException("AbortError", "the end of the sound was reached"));
    }
    updateOutput();
    if (hasPlayedOut()) tell("ended");
  });
}

void MediaElement::showFailure(const MediaFailure& failure) {
  notePlayed();
  error_ = MediaError{failure.code, failure.what()};
  networkState_ = NetworkState::idle;
  queue([this] {
    tell("error");
    if (!error_) return;
    for (const auto& done : takePromises()) done(DomException("NotSupportedError", error_->message));
  });
}

}  // namespace backline::media
