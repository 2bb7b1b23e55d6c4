#pragma once

#include <algorithm>
#include <cmath>

namespace backline::render {

// How fast a source moves, from the values of its parameters: the renderers' arithmetic, for whoever follows them from outside. [any thread]

inline constexpr float kMostDetune = 153600;   // cents: 1200 · log2 of the largest float
inline constexpr double kCentsPerOctave = 1200;

/// An AudioBufferSourceNode's computedPlaybackRate (Web Audio §1.9.5).
inline double paceOf(float playbackRate, float detune) noexcept {
  return detune == 0 ? playbackRate : playbackRate * std::exp2(std::clamp<double>(detune, -kMostDetune, kMostDetune) / kCentsPerOctave);
}

/// An OscillatorNode's computedOscFrequency (Web Audio §1.27) in cycles a frame.
class OscillatorPace {
 public:
  explicit OscillatorPace(double sampleRate) : sampleRate_(sampleRate) {}

  /// Within ± half a cycle.
  double of(float frequency, float detune) noexcept {
    if (detune != detune_) {
      detune_ = detune;
      detuneRatio_ = std::exp2(detune / kCentsPerOctave);
    }
    return std::clamp(frequency * detuneRatio_ / sampleRate_, -0.5, 0.5);
  }

 private:
  const double sampleRate_;
  float detune_ = 0;
  double detuneRatio_ = 1;
};

}  // namespace backline::render
