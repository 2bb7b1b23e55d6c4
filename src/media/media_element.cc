#include "media/media_element.h"

#include <algorithm>
#include <cmath>

#include "control/checks.h"
#include "control/errors.h"
#include "media/media_pump.h"

namespace backline::media {

namespace {

constexpr double kSlowest = 1.0 / 16, kFastest = 16;

void requireSpeed(double rate, const char* what) {
  requireFinite(rate, what);
  if (rate == 0 || (rate >= kSlowest && rate <= kFastest)) return;
  throw DomException("NotSupportedError", std::string(what) + " must be 0 or between 0.0625 and 16, not " + std::to_string(rate));
}

}  // namespace

MediaElement::MediaElement(MediaElements& elements) : elements_(elements) { elements_.elements_.push_back(this); }

std::shared_ptr<MediaElement> MediaElement::create(MediaElements& elements) { return std::shared_ptr<MediaElement>(new MediaElement(elements)); }

MediaElement::~MediaElement() {
  std::erase(elements_.elements_, this);
  dropPump();
  output_.reset();
  elements_.letRun();
  elements_.update();
}

// ------------------------------------------------------------------ tasks and promises

void MediaElement::queue(std::function<void()> task) {
  ++tasks_;
  elements_.queueTask([weak = weak_from_this(), generation = generation_, task = std::move(task)] {
    const auto self = weak.lock();
    if (!self) return;
    --self->tasks_;
    if (self->generation_ == generation) task();
    self->updateActive();
  });
  updateActive();
}

void MediaElement::fire(const char* type) {
  queue([this, type] { tell(type); });
}

void MediaElement::tell(const char* type) {
  if (onevent) onevent(type);
}

void MediaElement::settle(std::vector<Completion> promises, std::optional<Error> error) {
  if (promises.empty()) return;
  const auto settlement = settlements_.emplace_back(std::make_shared<Settlement>(Settlement{std::move(promises), std::move(error)}));
  queue([this, settlement] {
    std::erase(settlements_, settlement);
    for (const auto& done : settlement->promises) done(settlement->error);
  });
}

void MediaElement::settleNow() {
  for (const auto& settlement : std::exchange(settlements_, {})) {
    for (const auto& done : settlement->promises) done(settlement->error);
  }
}

// ------------------------------------------------------------------ playing

void MediaElement::play(Completion done) {
  if (error_ && error_->code == MediaErrorCode::srcNotSupported) {
    if (done) done(DomException("NotSupportedError", error_->message));
    return;
  }
  pendingPlay_.push_back(done ? std::move(done) : [](const std::optional<Error>&) {});
  if (networkState_ == NetworkState::empty) selectResource();
  if (fetchDelayed_) fetch();
  if (hasPlayedOut()) seek(0);
  if (paused_) {
    paused_ = false;
    fire("play");
    if (readyState_ <= ReadyState::currentData) fire("waiting");
    else notifyAboutPlaying();
  } else if (readyState_ >= ReadyState::futureData) {
    settle(takePromises(), {});
  }
  canAutoplay_ = false;
  updateOutput();
}

void MediaElement::notifyAboutPlaying() {
  fire("playing");
  settle(takePromises(), {});
}

void MediaElement::pause() {
  if (networkState_ == NetworkState::empty) selectResource();
  canAutoplay_ = false;
  if (paused_) return;
  notePlayed();
  paused_ = true;
  fire("timeupdate");
  fire("pause");
  settle(takePromises(), DomException("AbortError", "play was interrupted by pause"));
  updateOutput();
}

double MediaElement::currentTime() const {
  if (readyState_ == ReadyState::nothing || !pump_) return startPosition_;
  return pump_->position();
}

void MediaElement::setCurrentTime(double seconds) {
  requireFinite(seconds, "currentTime");
  if (readyState_ == ReadyState::nothing) {
    startPosition_ = seconds;
  } else {
    seek(seconds);
  }
}

void MediaElement::seek(double seconds) {
  if (!pump_ || error_) return;
  if (!known_.info.seekable && seconds != 0) return;
  notePlayed();
  seeking_ = true;
  fire("seeking");
  placeAt(std::clamp(seconds, 0.0, std::max(0.0, duration_)));
  updateOutput();
}

// ------------------------------------------------------------------ attributes

void MediaElement::setLoop(bool loop) {
  if (std::exchange(loop_, loop) == loop || !pump_) return;
  const auto until = pump_->setLoop(loop);
  if (output_) output_->playUntil(until);
  updateOutput();
}

void MediaElement::setAutoplay(bool autoplay) {
  autoplay_ = autoplay;
  if (!autoplay || !canAutoplay_ || !paused_) return;
  if (fetchDelayed_) fetch();
  if (readyState_ < ReadyState::enoughData) return;
  paused_ = false;
  fire("play");
  notifyAboutPlaying();
  updateOutput();
}

void MediaElement::setPreload(const std::string& preload) {
  preload_ = preload == "none" || preload == "metadata" ? preload : "auto";
  if (fetchDelayed_ && preload_ != "none") fetch();
}

void MediaElement::setPlaybackRate(double rate) {
  requireSpeed(rate, "playbackRate");
  if (std::exchange(playbackRate_, rate) == rate) return;
  fire("ratechange");
  if (pump_ && rate > 0) pump_->setSpeed(rate, preservesPitch_);
  updateOutput();
}

void MediaElement::setDefaultPlaybackRate(double rate) {
  requireSpeed(rate, "defaultPlaybackRate");
  if (std::exchange(defaultPlaybackRate_, rate) != rate) fire("ratechange");
}

void MediaElement::setPreservesPitch(bool preserves) {
  preservesPitch_ = preserves;
  if (pump_ && playbackRate_ > 0) pump_->setSpeed(playbackRate_, preserves);
}

void MediaElement::setVolume(double volume) {
  requireFinite(volume, "volume");
  if (volume < 0 || volume > 1) throw DomException("IndexSizeError", "volume must be between 0 and 1, not " + std::to_string(volume));
  if (std::exchange(volume_, volume) == volume) return;
  fire("volumechange");
  if (output_) output_->setVolume(effectiveVolume());
}

void MediaElement::setMuted(bool muted) {
  if (std::exchange(muted_, muted) == muted) return;
  fire("volumechange");
  if (output_) output_->setVolume(effectiveVolume());
}

// ------------------------------------------------------------------ ranges

TimeRanges MediaElement::seekable() const {
  if (readyState_ < ReadyState::metadata || !known_.info.seekable || !std::isfinite(duration_)) return {};
  return {{0, duration_}};
}

TimeRanges MediaElement::buffered() const { return seekable(); }

TimeRanges MediaElement::played() const {
  TimeRanges ranges = played_;
  if (playedFrom_ && currentTime() > *playedFrom_) ranges.push_back({*playedFrom_, currentTime()});
  std::sort(ranges.begin(), ranges.end(), [](const TimeRange& a, const TimeRange& b) { return a.start < b.start; });
  TimeRanges merged;
  for (const TimeRange& range : ranges) {
    if (!merged.empty() && range.start <= merged.back().end) merged.back().end = std::max(merged.back().end, range.end);
    else merged.push_back(range);
  }
  return merged;
}

/// The stretch that was being played ends here.
void MediaElement::notePlayed() {
  if (!playedFrom_) return;
  played_ = played();
  playedFrom_.reset();
}

}  // namespace backline::media
