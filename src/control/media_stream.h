#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/media_stream_track.h"

namespace backline {

/// Media Capture and Streams §4.2: a set of tracks, in the order they were added. [control]
class MediaStream {
 public:
  using Tracks = std::vector<std::shared_ptr<MediaStreamTrack>>;

  explicit MediaStream(const Tracks& tracks = {});

  const std::string& id() const { return id_; }
  /// Some track has not ended.
  bool active() const;
  const Tracks& getTracks() const { return tracks_; }
  const Tracks& getAudioTracks() const { return tracks_; }
  /// Null if there is none.
  std::shared_ptr<MediaStreamTrack> getTrackById(const std::string& id) const;
  /// A track that is there already stays where it is.
  void addTrack(std::shared_ptr<MediaStreamTrack> track);
  void removeTrack(const std::shared_ptr<MediaStreamTrack>& track) { std::erase(tracks_, track); }
  /// A stream of clones of the tracks.
  std::shared_ptr<MediaStream> clone() const;

 private:
  std::string id_ = newMediaId();
  Tracks tracks_;
};

}  // namespace backline
