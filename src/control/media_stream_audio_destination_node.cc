#include "control/media_stream_audio_destination_node.h"

#include <array>
#include <utility>

#include "control/base_audio_context.h"
#include "control/checks.h"
#include "render/nodes/media_stream_destination.h"
#include "transport/error.h"

namespace backline {

using transport::NotifyFd;
using transport::SharedMemory;

/// The node as a source of tracks. Holds its handle, so that the render side's node is there as long as its sound is wanted.
class MediaStreamAudioDestinationNode::Source final : public MediaSource, public std::enable_shared_from_this<Source> {
 public:
  explicit Source(MediaStreamAudioDestinationNode& node) : handle_(node.handle()), channels_(node.channelCount()), node_(&node) {
    handle_->link->atEnd(this, [end = end()] { end->reach(); });
    if (handle_->link->isShut()) end()->reach();
  }
  ~Source() override { handle_->link->atEnd(this, {}); }

  MediaSourceInfo info() const override {
    const session::SessionInfo& session = handle_->link->info();
    return {"MediaStreamAudioDestinationNode", "", session.clock, session.sampleRate, channels()};
  }
  bool keepsStepWith(const SessionLink& session) const override { return &session == handle_->link.get() || MediaSource::keepsStepWith(session); }
  std::unique_ptr<MediaFeed> open(const MediaFeedOptions& options) override;

  void close(std::uint32_t place) {
    open_[place] = false;
    handle_->link->sendLazily(handle_->id, render::SetField{place, 0});
  }
  void commit() { handle_->link->commit(); }
  void nodeGoes() {
    channels_ = node_->channelCount();
    node_ = nullptr;
  }

 private:
  std::uint32_t channels() const { return node_ ? node_->channelCount() : channels_; }
  std::uint32_t freePlace() const {
    for (std::uint32_t place = 0; place < open_.size(); ++place)
      if (!open_[place]) return place;
    throw DomException("NotSupportedError", "a MediaStreamAudioDestinationNode has at most " + std::to_string(open_.size()) + " readers");
  }

  const std::shared_ptr<NodeHandle> handle_;
  std::uint32_t channels_;
  MediaStreamAudioDestinationNode* node_;
  std::array<bool, render::kMostStreamReaders> open_{};
};

class MediaStreamAudioDestinationNode::Feed final : public MediaFeed {
 public:
  Feed(std::shared_ptr<Source> source, std::uint32_t place, std::unique_ptr<ResourceHandle> stream, SharedMemory ring, NotifyFd written)
      : source_(std::move(source)), place_(place), stream_(std::move(stream)), ring_(std::move(ring)), written_(std::move(written)) {}
  ~Feed() override { source_->close(place_); }
  const transport::Fd& ring() const override { return ring_.fd(); }
  const transport::Fd& written() const override { return written_.fd(); }
  void begin() override { source_->commit(); }

 private:
  std::shared_ptr<Source> source_;
  std::uint32_t place_;
  std::unique_ptr<ResourceHandle> stream_;
  SharedMemory ring_;
  NotifyFd written_;
};

std::unique_ptr<MediaFeed> MediaStreamAudioDestinationNode::Source::open(const MediaFeedOptions& options) {
  const std::uint32_t place = freePlace();
  const std::shared_ptr<SessionLink>& link = handle_->link;
  const float rate = link->info().sampleRate;
  try {
    const std::uint32_t capacity = options.capacityFrames != 0 ? options.capacityFrames : static_cast<std::uint32_t>(rate / 2);
    SharedMemory ring = transport::createRingStream("media-stream", {channels(), rate, capacity, options.overflow});
    NotifyFd written = NotifyFd::create();
    auto stream = std::make_unique<ResourceHandle>(link, link->newResourceId());
    link->bindStream(stream->id, render::ResourceKind::outputStream, {.memory = ring.fd().duplicate(), .notify = written.fd().duplicate()});
    link->send(handle_->id, render::SetField{place, static_cast<double>(stream->id)});
    open_[place] = true;
    return std::make_unique<Feed>(shared_from_this(), place, std::move(stream), std::move(ring), std::move(written));
  } catch (const transport::TransportError& error) {
    throw DomException("NotSupportedError", error.what());
  }
}

MediaStreamAudioDestinationNode::MediaStreamAudioDestinationNode(BaseAudioContext& context, const AudioNodeOptions& options)
    : AudioNode(context, render::kMediaStreamAudioDestination) {
  apply(options);
  source_ = std::make_shared<Source>(*this);
  stream_ = std::make_shared<MediaStream>(MediaStream::Tracks{std::make_shared<MediaStreamTrack>(source_)});
}

MediaStreamAudioDestinationNode::~MediaStreamAudioDestinationNode() { source_->nodeGoes(); }

}  // namespace backline
