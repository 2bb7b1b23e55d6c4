#include "control/convolver_node.h"

#include "control/base_audio_context.h"
#include "control/checks.h"

namespace backline {

ConvolverNode::ConvolverNode(BaseAudioContext& context, const ConvolverOptions& options)
    : AudioNode(context, render::kConvolver), normalize_(!options.disableNormalization) {
  if (options.buffer) setBuffer(options.buffer);
  apply(options);
}

void ConvolverNode::setBuffer(std::shared_ptr<AudioBuffer> buffer) {
  if (buffer) {
    const std::uint32_t channels = buffer->numberOfChannels();
    if (channels != 1 && channels != 2 && channels != 4) {
      throw DomException("NotSupportedError", "buffer of a ConvolverNode must have 1, 2 or 4 channels, not " + std::to_string(channels));
    }
    const float rate = link()->info().sampleRate;
    if (buffer->sampleRate() != rate) {
      throw DomException("NotSupportedError", "buffer of a ConvolverNode must be at the " + textOf(static_cast<double>(rate)) +
                                                  " Hz of the context, not at " + textOf(static_cast<double>(buffer->sampleRate())));
    }
  }
  const auto content = buffer ? buffer->acquire(link()) : nullptr;
  buffer_ = std::move(buffer);
  const double id = content ? content->id : 0;
  const std::uint32_t place = fieldNamed("buffer");
  storeField(fieldNamed("normalized"), normalize_);
  // The same content is taken up again: with another normalization, from silence.
  if (id != 0 && field(place) == id) {
    send(render::SetField{place, id});
  } else {
    storeField(place, id);
  }
}

void ConvolverNode::checkChannelCount(std::uint32_t count) const { requireMonoOrStereo(count, "channelCount of a ConvolverNode"); }

void ConvolverNode::checkChannelCountMode(ChannelCountMode mode) const { requireBoundedMode(mode, "channelCountMode of a ConvolverNode"); }

}  // namespace backline
