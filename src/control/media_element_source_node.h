#pragma once

#include <memory>

#include "control/audio_node.h"
#include "render/nodes/media_element_source.h"

namespace backline {

/// The render side of a MediaElementAudioSourceNode as the element that plays through it sees it; the node itself may go before. [control]
class MediaElementOutput {
 public:
  explicit MediaElementOutput(std::shared_ptr<NodeHandle> node) : node_(std::move(node)) {}
  ~MediaElementOutput();
  MediaElementOutput(const MediaElementOutput&) = delete;
  MediaElementOutput& operator=(const MediaElementOutput&) = delete;

  const std::shared_ptr<SessionLink>& link() const { return node_->link; }
  float sampleRate() const { return node_->link->info().sampleRate; }   ///< Hz
  /// What is to be played: a ring at sampleRate(). Throws NotSupportedError.
  void bind(const transport::Fd& ring);
  void unbind();
  void setPlaying(bool playing) { store(render::kElementPlaying, playing); }
  /// Frames of the ring before this position are thrown away.
  void playFrom(std::uint64_t position) { store(render::kElementFrom, static_cast<double>(position)); }
  /// Frames from this position on are not played; nothing: all are.
  void playUntil(std::optional<std::uint64_t> position);
  /// 0 … 1, linear.
  void setVolume(double volume) { store(render::kElementVolume, volume); }

 private:
  void store(std::uint32_t field, double value);

  const std::shared_ptr<NodeHandle> node_;
  std::shared_ptr<ResourceHandle> stream_;
  std::vector<double> values_;
};

/// What the node asks of the element whose sound it takes: media::MediaElement is one. [control]
class MediaElementSound {
 public:
  virtual ~MediaElementSound() = default;
  /// Throws InvalidStateError if another node has its sound.
  virtual void requireFree() const = 0;
  /// From now on it is heard through this only.
  virtual void take(std::shared_ptr<MediaElementOutput> output) = 0;
};

struct MediaElementAudioSourceOptions {
  std::shared_ptr<MediaElementSound> mediaElement;
};

/// Web Audio §1.21: plays what an element would have played by itself. It keeps the element; an element that was taken sounds on through the
/// node when only the element is held. [control]
class MediaElementAudioSourceNode final : public AudioNode {
 public:
  /// Throws InvalidStateError if another node has the element's sound.
  static std::shared_ptr<MediaElementAudioSourceNode> create(BaseAudioContext& context, const MediaElementAudioSourceOptions& options);
  /// One that no element plays through yet.
  explicit MediaElementAudioSourceNode(BaseAudioContext& context);

  /// Null for a node that was made without one.
  const std::shared_ptr<MediaElementSound>& mediaElement() const { return mediaElement_; }
  std::shared_ptr<MediaElementOutput> output() const { return std::make_shared<MediaElementOutput>(handle()); }

 private:
  std::shared_ptr<MediaElementSound> mediaElement_;
};

}  // namespace backline
