#pragma once

#include "control/audio_node.h"

namespace backline {

struct DynamicsCompressorOptions : AudioNodeOptions {
  float attack = 0.003f;   ///< seconds
  float knee = 30;         ///< dB
  float ratio = 12;
  float release = 0.25f;   ///< seconds
  float threshold = -24;   ///< dB
};

/// Web Audio §1.19. Its input is mono or stereo: other channel counts and the mode "max" throw NotSupportedError. [control]
class DynamicsCompressorNode final : public AudioNode {
 public:
  explicit DynamicsCompressorNode(BaseAudioContext& context, const DynamicsCompressorOptions& options = {});

  AudioParam& threshold() { return paramAt(0); }   ///< dB, −100 … 0
  AudioParam& knee() { return paramAt(1); }        ///< dB, 0 … 40
  AudioParam& ratio() { return paramAt(2); }       ///< 1 … 20
  AudioParam& attack() { return paramAt(3); }      ///< seconds, 0 … 1
  AudioParam& release() { return paramAt(4); }     ///< seconds, 0 … 1
  /// What the newest quantum took away, dB ≤ 0; the make-up gain is left out.
  float reduction() const;

 private:
  void checkChannelCount(std::uint32_t count) const override;
  void checkChannelCountMode(ChannelCountMode mode) const override;

  transport::PageReader<render::MeterStatus> meter_;
  std::shared_ptr<ResourceHandle> meterHandle_;
};

}  // namespace backline
