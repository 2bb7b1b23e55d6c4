#pragma once

#include <memory>

#include "control/audio_scheduled_source_node.h"
#include "control/periodic_wave.h"

namespace backline {

enum class OscillatorType : std::uint32_t { sine, square, sawtooth, triangle, custom };

struct OscillatorOptions : AudioNodeOptions {
  OscillatorType type = OscillatorType::sine;
  float frequency = 440;   ///< Hz
  float detune = 0;        ///< cents
  std::shared_ptr<PeriodicWave> periodicWave;   ///< given: the type is custom
};

/// Web Audio §1.26. [control]
class OscillatorNode final : public AudioScheduledSourceNode {
 public:
  /// Throws InvalidStateError for type custom without a wave.
  explicit OscillatorNode(BaseAudioContext& context, const OscillatorOptions& options = {});

  AudioParam& frequency() { return *param("frequency"); }
  AudioParam& detune() { return *param("detune"); }
  OscillatorType type() const;
  /// Throws InvalidStateError for custom, which setPeriodicWave sets.
  void setType(OscillatorType type);
  /// Throws InvalidAccessError if the wave belongs to another context.
  void setPeriodicWave(const PeriodicWave& wave);
};

}  // namespace backline
