#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "control/session_link.h"

namespace backline {

class BaseAudioContext;

/// Fourier terms: `real` the cosines, `imag` the sines; index 0 is ignored. Missing ones are zeros, both missing is a sine.
struct PeriodicWaveOptions {
  std::optional<std::vector<float>> real, imag;
  bool disableNormalization = false;
};

/// Web Audio §1.28. Belongs to one context. [control]
class PeriodicWave {
 public:
  /// Throws IndexSizeError if there are fewer than 2 terms or unequally many.
  PeriodicWave(BaseAudioContext& context, PeriodicWaveOptions options = {});
  const ResourceHandle& resource() const { return resource_; }

 private:
  ResourceHandle resource_;
};

}  // namespace backline
