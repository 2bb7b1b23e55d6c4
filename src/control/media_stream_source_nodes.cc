#include "control/media_stream_source_nodes.h"

#include <algorithm>
#include <utility>

#include "control/base_audio_context.h"

namespace backline {

namespace {

const std::shared_ptr<MediaStreamTrack>& firstTrack(const MediaStreamAudioSourceOptions& options) {
  if (!options.mediaStream || options.mediaStream->getAudioTracks().empty()) {
    throw DomException("InvalidStateError", "mediaStream of a MediaStreamAudioSourceNode has no track of sound");
  }
  const auto& tracks = options.mediaStream->getAudioTracks();
  return *std::min_element(tracks.begin(), tracks.end(), [](const auto& a, const auto& b) { return a->id() < b->id(); });
}

}  // namespace

MediaStreamTrackPlayer::MediaStreamTrackPlayer(BaseAudioContext& context, const render::NodeDeclaration& declaration,
                                               std::shared_ptr<MediaStreamTrack> track)
    : AudioNode(context, declaration), track_(std::move(track)) {
  if (!track_->canOpen() || link()->isShut()) return;
  feed();
  if (!track_->enabled()) storeField(fieldNamed("enabled"), 0);
  track_->attach(*this);
  link()->onMove(this, [this] { feedAnew(); });
  link()->atEnd(this, [this] { letGoOfTrack(); });
  sourceEnd_ = track_->sourceEnd();
  sourceEnd_->onReached(this, [waker = link()->poster(), weak = std::weak_ptr(track_)] {
    waker([weak] {
      if (const auto ended = weak.lock()) ended->dispatch();
    });
  });
}

MediaStreamTrackPlayer::~MediaStreamTrackPlayer() { letGoOfTrack(); }

void MediaStreamTrackPlayer::feed() {
  feed_ = track_->open();
  inStep_ = track_->keepsStepWith(*link());
  stream_ = std::make_shared<ResourceHandle>(link(), link()->newResourceId());
  link()->bindStream(stream_->id, render::ResourceKind::inputStream, {.memory = feed_->ring().duplicate(), .ownClock = !inStep_});
  storeField(fieldNamed("stream"), stream_->id);
}

// After a move the context may run from another clock than before.
void MediaStreamTrackPlayer::feedAnew() {
  if (!track_->canOpen() || track_->keepsStepWith(*link()) == inStep_) return;
  try {
    feed();
  } catch (const Error&) {
    // What it has goes on: a little of it is lost now and then.
  }
}

void MediaStreamTrackPlayer::letGoOfTrack() {
  if (!feed_) return;
  link()->onMove(this, {});
  feed_.reset();
  track_->detach(*this);
  sourceEnd_->onReached(this, {});
  link()->atEnd(this, {});
}

void MediaStreamTrackPlayer::trackEnabled(bool enabled) { storeField(fieldNamed("enabled"), enabled); }

void MediaStreamTrackPlayer::trackEnded() {
  const auto alive = weak_from_this().lock();
  letGoOfTrack();
  storeField(fieldNamed("stream"), 0);
  stream_.reset();
  link()->letGo(id());
}

MediaStreamAudioSourceNode::MediaStreamAudioSourceNode(BaseAudioContext& context, std::shared_ptr<MediaStreamTrack> track,
                                                       std::shared_ptr<MediaStream> stream)
    : MediaStreamTrackPlayer(context, render::kMediaStreamAudioSource, std::move(track)), mediaStream_(std::move(stream)) {}

std::shared_ptr<MediaStreamAudioSourceNode> MediaStreamAudioSourceNode::create(BaseAudioContext& context,
                                                                               const MediaStreamAudioSourceOptions& options) {
  return kept(std::make_shared<MediaStreamAudioSourceNode>(context, firstTrack(options), options.mediaStream));
}

MediaStreamTrackAudioSourceNode::MediaStreamTrackAudioSourceNode(BaseAudioContext& context, std::shared_ptr<MediaStreamTrack> track)
    : MediaStreamTrackPlayer(context, render::kMediaStreamTrackAudioSource, std::move(track)) {}

std::shared_ptr<MediaStreamTrackAudioSourceNode> MediaStreamTrackAudioSourceNode::create(
    BaseAudioContext& context, const MediaStreamTrackAudioSourceOptions& options) {
  if (!options.mediaStreamTrack) throw TypeError("mediaStreamTrack of a MediaStreamTrackAudioSourceNode is missing");
  return kept(std::make_shared<MediaStreamTrackAudioSourceNode>(context, options.mediaStreamTrack));
}

}  // namespace backline
