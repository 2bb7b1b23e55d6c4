#include "control/media_stream_track.h"

#include <cstdio>
#include <random>
#include <utility>

#include "control/errors.h"

namespace backline {

std::string newMediaId() {
  std::random_device random;
  const std::uint32_t a = random(), b = random(), c = random(), d = random();
  char text[37];
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%04x%08x", a, b >> 16, b & 0xfff, (c >> 16 & 0x3fff) | 0x8000, c & 0xffff, d);
  return text;
}

MediaStreamTrack::MediaStreamTrack(std::shared_ptr<MediaSource> source)
    : source_(std::move(source)), id_(newMediaId()), label_(source_->info().label) {}

MediaStreamTrack::~MediaStreamTrack() {
  if (source_) source_->end()->onReached(this, {});
}

void MediaStreamTrack::setEnabled(bool enabled) {
  if (enabled_ == enabled) return;
  enabled_ = enabled;
  for (Consumer* consumer : consumers_) consumer->trackEnabled(enabled);
}

void MediaStreamTrack::stop() {
  if (!source_) return;
  lastSettings_ = source_->info();
  source_->end()->onReached(this, {});
  const auto alive = weak_from_this().lock();   // a consumer may hold the last reference
  const auto source = std::exchange(source_, nullptr);
  for (Consumer* consumer : std::exchange(consumers_, {})) consumer->trackEnded();
}

std::shared_ptr<MediaStreamTrack> MediaStreamTrack::clone() const {
  if (source_) {
    auto copy = std::make_shared<MediaStreamTrack>(source_);
    copy->enabled_ = enabled_;
    return copy;
  }
  const std::shared_ptr<MediaStreamTrack> copy(new MediaStreamTrack);
  copy->label_ = label_;
  copy->lastSettings_ = lastSettings_;
  copy->enabled_ = enabled_;
  return copy;
}

void MediaStreamTrack::onWake(std::function<void()> wake) {
  if (source_) source_->end()->onReached(this, std::move(wake));
}

void MediaStreamTrack::dispatch() {
  if (!source_ || !source_->end()->isReached()) return;
  const auto alive = weak_from_this().lock();
  stop();
  if (onended) onended();
}

std::unique_ptr<MediaFeed> MediaStreamTrack::open(const MediaFeedOptions& options) const {
  if (!canOpen()) throw DomException("InvalidStateError", "the track " + label_ + " has ended");
  return source_->open(options);
}

}  // namespace backline
