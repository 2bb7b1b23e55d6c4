#pragma once

#include <cstddef>
#include <cstdint>

namespace backline::dsp {

/// The parameters of a DynamicsCompressorNode.
struct CompressorSettings {
  float threshold = -24;   ///< dB
  float knee = 30;         ///< dB above the threshold where the soft knee ends
  float ratio = 12;
  float attack = 0.003f;   ///< seconds
  float release = 0.25f;   ///< seconds
  bool operator==(const CompressorSettings&) const = default;
};

/// The static curve, of linear levels (Web Audio §1.19.4): identity up to the threshold, then a knee
/// t + (1 − exp(−k·(x − t))) / k, whose k (0.1 … 10⁴, as in browsers) brings its slope in dB at the knee's end to 1/ratio, then a straight
/// line in dB.
class CompressionCurve {
 public:
  CompressionCurve(float threshold, float knee, float ratio) noexcept;
  /// The level that a level becomes. [render]
  float operator()(float level) const noexcept { return level * gainAt(level); }
  /// Natural logarithm of what a level is multiplied by, ≤ 0. [render]
  float logGainAt(float level) const noexcept;
  float gainAt(float level) const noexcept;
  float threshold() const noexcept { return threshold_; }   ///< linear
  float kneeEnd() const noexcept { return kneeEnd_; }       ///< linear
  /// (1 / curve(1))^0.6
  float makeupGain() const noexcept { return makeupGain_; }

 private:
  float kneeAt(float level) const noexcept;
  float slopeAt(float level) const noexcept;

  float threshold_, kneeEnd_;   // linear
  float k_ = 0;
  float exponent_;              // of the gain beyond the knee: 1/ratio − 1
  float logGainAtKneeEnd_ = 0, logKneeEnd_ = 0;
  float makeupGain_ = 1;
};

/// Turns levels into gains: detector, envelope and make-up gain of the specification's EnvelopeFollower, with the adaptive release that
/// browsers have in common: the release takes from 9 % to 98 % of `release` for 5 dB, the less the further the gain has to rise.
class Compressor {
 public:
  /// Frames between two looks at where the gain should go.
  static constexpr std::uint32_t kHop = 32;

  explicit Compressor(float sampleRate) noexcept;
  /// The gains for the magnitudes of `count` samples, at most kHop; `levels` may be NaN or infinite. [render]
  void process(const float* levels, float* gains, std::size_t count) noexcept;
  /// Takes effect with the next frame (curve) or hop (times). [render]
  void set(const CompressorSettings& settings) noexcept;
  /// What a meter shows, make-up gain left out: dB ≤ 0, rising to 0 with a time constant of 0.325 s. [render]
  float reduction() const noexcept { return reduction_; }

  /// Seconds after which silence has changed everything that it can.
  static constexpr double kRecovery = 5 * 0.325;

 private:
  void aim() noexcept;
  void detect(float level) noexcept;
  void meter(float gain, std::size_t frames) noexcept;

  const float sampleRate_;
  const float detectorReleaseFrames_;
  const float slowestDetectorRate_;
  CompressorSettings settings_;
  CompressionCurve curve_;
  float detectorAverage_ = 0;
  float gain_ = 1;              // before it is shaped and made up
  float target_ = 1, rate_ = 0; // attacking: how fast it approaches the target
  float growth_ = 1;            // releasing: what it is multiplied by each frame
  bool releasing_ = false;
  float furthest_ = -1;         // dB to go since the attack began; −1: no attack
  std::uint32_t untilAim_ = 0;  // frames
  float reduction_ = 0;
};

}  // namespace backline::dsp
