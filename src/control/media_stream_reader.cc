#include "control/media_stream_reader.h"

#include <algorithm>
#include <utility>

namespace backline {

MediaStreamReader::MediaStreamReader(std::shared_ptr<MediaStreamTrack> track, const MediaFeedOptions& options)
    : track_(std::move(track)),
      feed_(track_->open(options)),
      reader_(transport::SharedMemory::map(feed_->ring().duplicate())),
      written_(transport::NotifyFd::adopt(feed_->written().duplicate())),
      enabled_(track_->enabled()) {
  track_->attach(*this);
  feed_->begin();
}

MediaStreamReader::~MediaStreamReader() {
  if (track_) track_->detach(*this);
}

void MediaStreamReader::trackEnded() {
  track_.reset();
  feed_.reset();
  ended_.store(true, std::memory_order_release);
  written_.signal();
}

std::uint32_t MediaStreamReader::read(float* interleaved, std::uint32_t frames) noexcept {
  const std::uint32_t got = reader_.read(interleaved, frames);
  if (!enabled_.load(std::memory_order_relaxed)) std::fill_n(interleaved, std::size_t{got} * channels(), 0.0f);
  return got;
}

bool MediaStreamReader::ended() const noexcept {
  return ended_.load(std::memory_order_acquire) || reader_.writerState() == transport::WriterState::ended;
}

}  // namespace backline
