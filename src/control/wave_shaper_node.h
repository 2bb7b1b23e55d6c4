#pragma once

#include <optional>
#include <vector>

#include "control/audio_node.h"

namespace backline {

enum class OverSampleType : std::uint32_t { none, twice, fourTimes };

struct WaveShaperOptions : AudioNodeOptions {
  std::optional<std::vector<float>> curve;   ///< at least two points, evenly over inputs of −1 … 1
  OverSampleType oversample = OverSampleType::none;
};

/// Web Audio §1.31: without a curve it changes nothing. Oversampling delays by 128 frames (twice) or 192 (four times). [control]
class WaveShaperNode final : public AudioNode {
 public:
  /// Throws InvalidStateError for a curve of fewer than two points.
  explicit WaveShaperNode(BaseAudioContext& context, const WaveShaperOptions& options = {});

  /// Empty: there is none.
  const std::vector<float>& curve() const { return curve_; }
  /// Throws InvalidStateError for fewer than two points, and if a curve was ever set before.
  void setCurve(std::vector<float> curve);
  void clearCurve();

  OverSampleType oversample() const;
  void setOversample(OverSampleType oversample);

 private:
  std::vector<float> curve_;
  std::optional<ResourceHandle> resource_;
  bool curveSet_ = false;
};

}  // namespace backline
