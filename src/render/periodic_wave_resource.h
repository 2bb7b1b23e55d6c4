#pragma once

#include <utility>

#include "dsp/periodic_wave.h"
#include "render/resource.h"

namespace backline::render {

/// OscillatorNode's periodicWave.
class PeriodicWaveResource : public Resource {
 public:
  explicit PeriodicWaveResource(dsp::PeriodicWave wave) : wave_(std::move(wave)) {}
  ResourceKind kind() const final { return ResourceKind::periodicWave; }
  const dsp::PeriodicWave& wave() const { return wave_; }

 private:
  dsp::PeriodicWave wave_;
};

}  // namespace backline::render
