#include "control/media_stream.h"

#include <algorithm>

namespace backline {

MediaStream::MediaStream(const Tracks& tracks) {
  for (const auto& track : tracks) addTrack(track);
}

bool MediaStream::active() const {
  return std::any_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return track->readyState() == MediaStreamTrackState::live; });
}

std::shared_ptr<MediaStreamTrack> MediaStream::getTrackById(const std::string& id) const {
  const auto found = std::find_if(tracks_.begin(), tracks_.end(), [&](const auto& track) { return track->id() == id; });
  return found == tracks_.end() ? nullptr : *found;
}

void MediaStream::addTrack(std::shared_ptr<MediaStreamTrack> track) {
  if (std::find(tracks_.begin(), tracks_.end(), track) == tracks_.end()) tracks_.push_back(std::move(track));
}

std::shared_ptr<MediaStream> MediaStream::clone() const {
  auto copy = std::make_shared<MediaStream>();
  for (const auto& track : tracks_) copy->addTrack(track->clone());
  return copy;
}

}  // namespace backline
