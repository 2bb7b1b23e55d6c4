#pragma once

#include "control/audio_node.h"
#include "control/media_stream.h"

namespace backline {

/// What the two nodes that play a track share. A node is kept, once made, until its track ends or the context is closed: a stream that
/// plays is not to fall silent because the program holds only what comes after it (Web Audio §1.5.1.5). [control]
class MediaStreamTrackPlayer : public AudioNode, private MediaStreamTrack::Consumer {
 public:
  ~MediaStreamTrackPlayer() override;
  const std::shared_ptr<MediaStreamTrack>& track() const { return track_; }

 protected:
  MediaStreamTrackPlayer(BaseAudioContext& context, const render::NodeDeclaration& declaration, std::shared_ptr<MediaStreamTrack> track);
  template <class Node>
  static std::shared_ptr<Node> kept(std::shared_ptr<Node> node) {
    if (node->feed_) node->link()->keep(node);
    return node;
  }

 private:
  void trackEnabled(bool enabled) override;
  void trackEnded() override;
  void feed();
  void feedAnew();
  void letGoOfTrack();

  std::shared_ptr<MediaStreamTrack> track_;
  std::unique_ptr<MediaFeed> feed_;             // null: there is nothing to play
  bool inStep_ = false;                         // what feeds it runs from the context's clock
  std::shared_ptr<ResourceHandle> stream_;
  std::shared_ptr<MediaSourceEnd> sourceEnd_;
};

struct MediaStreamAudioSourceOptions {
  std::shared_ptr<MediaStream> mediaStream;
};

/// Web Audio §1.23: plays the track whose id comes first; what is done to the stream afterwards changes nothing. [control]
class MediaStreamAudioSourceNode final : public MediaStreamTrackPlayer {
 public:
  /// Throws InvalidStateError for a stream without a track.
  static std::shared_ptr<MediaStreamAudioSourceNode> create(BaseAudioContext& context, const MediaStreamAudioSourceOptions& options);
  MediaStreamAudioSourceNode(BaseAudioContext& context, std::shared_ptr<MediaStreamTrack> track, std::shared_ptr<MediaStream> stream);

  const std::shared_ptr<MediaStream>& mediaStream() const { return mediaStream_; }

 private:
  std::shared_ptr<MediaStream> mediaStream_;
};

struct MediaStreamTrackAudioSourceOptions {
  std::shared_ptr<MediaStreamTrack> mediaStreamTrack;
};

/// Web Audio §1.24. [control]
class MediaStreamTrackAudioSourceNode final : public MediaStreamTrackPlayer {
 public:
  static std::shared_ptr<MediaStreamTrackAudioSourceNode> create(BaseAudioContext& context, const MediaStreamTrackAudioSourceOptions& options);
  MediaStreamTrackAudioSourceNode(BaseAudioContext& context, std::shared_ptr<MediaStreamTrack> track);
};

}  // namespace backline
