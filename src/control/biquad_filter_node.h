#pragma once

#include "dsp/biquad.h"
#include "control/audio_node.h"

namespace backline {

using BiquadFilterType = dsp::BiquadType;

struct BiquadFilterOptions : AudioNodeOptions {
  BiquadFilterType type = BiquadFilterType::lowpass;
  float Q = 1;
  float detune = 0;        ///< cents
  float frequency = 350;   ///< Hz
  float gain = 0;          ///< dB
};

/// Web Audio §1.13. [control]
class BiquadFilterNode final : public AudioNode {
 public:
  explicit BiquadFilterNode(BaseAudioContext& context, const BiquadFilterOptions& options = {});
  BiquadFilterType type() const;
  void setType(BiquadFilterType type);
  AudioParam& frequency() { return paramAt(0); }
  AudioParam& detune() { return paramAt(1); }
  AudioParam& Q() { return paramAt(2); }
  AudioParam& gain() { return paramAt(3); }

  /// What the filter does to sines of these frequencies (Hz) with its present values: magnitude (a factor) and phase (radians); NaN outside
  /// 0 … half the sample rate. Throws InvalidAccessError unless the three are equally long.
  void getFrequencyResponse(std::span<const float> frequencyHz, std::span<float> magResponse, std::span<float> phaseResponse);
};

}  // namespace backline
