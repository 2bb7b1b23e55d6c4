#pragma once

#include <vector>

#include "control/audio_node.h"

namespace backline {

struct IIRFilterOptions : AudioNodeOptions {
  std::vector<double> feedforward;   ///< 1 … 20, not all zero
  std::vector<double> feedback;      ///< 1 … 20, the first not zero
};

/// Web Audio §1.21. [control]
class IIRFilterNode final : public AudioNode {
 public:
  /// Throws NotSupportedError for an impossible number of coefficients, InvalidStateError for coefficients that make no filter.
  IIRFilterNode(BaseAudioContext& context, const IIRFilterOptions& options);
  /// As BiquadFilterNode's.
  void getFrequencyResponse(std::span<const float> frequencyHz, std::span<float> magResponse, std::span<float> phaseResponse) const;

 private:
  const std::vector<double> feedforward_, feedback_;
};

}  // namespace backline
