#include "control/media_element_source_node.h"

#include <utility>

#include "control/base_audio_context.h"

namespace backline {

MediaElementOutput::~MediaElementOutput() { unbind(); }

void MediaElementOutput::store(std::uint32_t field, double value) {
  if (values_.empty()) {
    for (const auto& declared : render::kMediaElementAudioSource.fields) values_.push_back(declared.initial);
  }
  if (std::exchange(values_[field], value) != value) link()->send(node_->id, render::SetField{field, value});
}

void MediaElementOutput::bind(const transport::Fd& ring) {
  auto stream = std::make_shared<ResourceHandle>(link(), link()->newResourceId());
  link()->bindStream(stream->id, render::ResourceKind::inputStream, {.memory = ring.duplicate()});
  playFrom(0);
  playUntil({});
  store(render::kElementStream, stream->id);
  stream_ = std::move(stream);
}

void MediaElementOutput::unbind() {
  if (!stream_) return;
  setPlaying(false);
  store(render::kElementStream, 0);
  stream_.reset();
}

void MediaElementOutput::playUntil(std::optional<std::uint64_t> position) {
  store(render::kElementUntil, position ? static_cast<double>(*position) : render::kMediaElementAudioSource.fields[render::kElementUntil].initial);
}

MediaElementAudioSourceNode::MediaElementAudioSourceNode(BaseAudioContext& context) : AudioNode(context, render::kMediaElementAudioSource) {}

std::shared_ptr<MediaElementAudioSourceNode> MediaElementAudioSourceNode::create(BaseAudioContext& context,
                                                                                 const MediaElementAudioSourceOptions& options) {
  if (!options.mediaElement) throw TypeError("mediaElement of a MediaElementAudioSourceNode is missing");
  options.mediaElement->requireFree();
  auto node = std::make_shared<MediaElementAudioSourceNode>(context);
  node->mediaElement_ = options.mediaElement;
  options.mediaElement->take(node->output());
  return node;
}

}  // namespace backline
