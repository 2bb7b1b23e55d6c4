#pragma once

#include "control/audio_buffer.h"
#include "control/audio_node.h"

namespace backline {

struct ConvolverOptions : AudioNodeOptions {
  std::shared_ptr<AudioBuffer> buffer;
  bool disableNormalization = false;
};

/// Web Audio §1.14. Its input is mono or stereo: other channel counts and the mode "max" throw NotSupportedError. [control]
class ConvolverNode final : public AudioNode {
 public:
  explicit ConvolverNode(BaseAudioContext& context, const ConvolverOptions& options = {});

  const std::shared_ptr<AudioBuffer>& buffer() const { return buffer_; }
  /// The impulse response as it is now, normalized if `normalize()` is set now; null for silence. What still rang of the old one is lost.
  /// Throws NotSupportedError unless it has 1, 2 or 4 channels at the context's sample rate.
  void setBuffer(std::shared_ptr<AudioBuffer> buffer);

  bool normalize() const { return normalize_; }
  void setNormalize(bool normalize) { normalize_ = normalize; }

 private:
  void checkChannelCount(std::uint32_t count) const override;
  void checkChannelCountMode(ChannelCountMode mode) const override;

  std::shared_ptr<AudioBuffer> buffer_;
  bool normalize_;
};

}  // namespace backline
