#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/sine.h"

namespace backline::dsp {

/// One cycle of a wave with the first `partials` harmonics, sampled at a power of two of at least 8 points a period of the
/// highest one, and read by cubic interpolation.
class WaveTable {
 public:
  /// `cycle`: the samples, a power of two of them.
  WaveTable(std::uint32_t partials, std::span<const double> cycle, double gain);

  std::uint32_t partials() const { return partials_; }
  float at(Phase phase) const noexcept {
    const float* x = samples_.data() + (phase >> shift_);  // x[1] and x[2] enclose the phase
    const float t = static_cast<float>(static_cast<std::int64_t>((phase << (64 - shift_)) >> 1)) * 0x1p-63f;
    // Lagrange's cubic through x[0] … x[3], as x[1] plus corrections.
    const float d1 = x[2] - x[1];
    const float d2 = x[2] - 2 * x[1] + x[0];
    const float d3 = x[3] - 3 * x[2] + 3 * x[1] - x[0];
    return x[1] + t * (d1 + (t - 1) * (d2 * 0.5f + (t + 1) * d3 * (1.0f / 6)));
  }

 private:
  std::uint32_t partials_;
  unsigned shift_;               ///< phase bits below the index
  std::vector<float> samples_;   ///< one before the cycle, and two after it
};

/// Web Audio's PeriodicWave, ready to play without partials at or above Nyquist. Immutable.
///
/// Tables hold the first ⌊2^(k/3)⌋ partials, k = 0, 1, …; between those of two neighbouring k a frequency is mixed by the logarithm, as browsers do
/// (whose sounds a program may have been made with): what is left of a partial falls to nothing within a third of an octave.
class PeriodicWave {
 public:
  /// real[k], imag[k]: cosine and sine terms of harmonic k; index 0 is ignored, the shorter one counts as zero beyond its end.
  /// normalize: scaled so that the greatest absolute value of the full wave is 1. [compile]
  PeriodicWave(std::span<const float> real, std::span<const float> imag, bool normalize);

  /// What sounds at one frequency: two tables and the part of the second.
  struct Band {
    const WaveTable* low;
    const WaveTable* high;
    float mix;
    float at(Phase phase) const noexcept {
      const float base = low->at(phase);
      return mix == 0 ? base : base + (high->at(phase) - base) * mix;
    }
    /// at() of `phase` and of each `step` further. [render]
    void read(Phase phase, Phase step, std::span<float> out) const noexcept;
  };
  /// `room`: Nyquist frequency / |frequency|, at least 1. Harmonics above it do not sound; towards the limit they fade out,
  /// so that a glide is free of steps. [render]
  Band band(double room) const noexcept;

  std::uint32_t partials() const { return tables_.back().partials(); }

 private:
  std::vector<WaveTable> tables_;     ///< partials ascending; the first has none
  std::vector<std::uint8_t> places_;  ///< of k: the place in tables_, from 1 upwards; the last has all partials
};

/// The built-in types of OscillatorNode but for the sine, which is computed.
class BasicWaves {
 public:
  /// How many partials a sample rate asks for: those that 12 Hz have below Nyquist. That of the most common rates is 2048.
  static std::uint32_t partialsFor(double sampleRate) { return sampleRate <= 24000 ? 1024 : sampleRate <= 88200 ? 2048 : 8192; }

  /// [compile]
  explicit BasicWaves(std::uint32_t partials);
  const PeriodicWave& square() const { return square_; }
  const PeriodicWave& sawtooth() const { return sawtooth_; }
  const PeriodicWave& triangle() const { return triangle_; }

 private:
  PeriodicWave square_, sawtooth_, triangle_;
};

}  // namespace backline::dsp
