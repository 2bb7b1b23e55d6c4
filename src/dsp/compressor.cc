#include "dsp/compressor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace backline::dsp {

namespace {

constexpr float kLeastLevel = 0.0001f;           // below, nothing is compressed
constexpr float kDetectorRelease = 0.0025f;      // seconds
constexpr float kSlowestDetectorRelease = 2;     // dB in that time
constexpr float kLeastAttack = 0.001f;           // seconds
constexpr float kMeterRelease = 0.325f;          // seconds
constexpr float kReleaseStep = 5;                // dB that the adaptive release time is for
constexpr float kHalfPi = std::numbers::pi_v<float> / 2;
// Fractions of the release time at 12, 8, 4 and 0 dB to go, and what makes of them the polynomial of fourth degree that browsers draw through.
constexpr double kReleaseZones[] = {0.09, 0.16, 0.42, 0.98};
constexpr double kReleaseFit[5][4] = {
    {0.9999999999999998, 1.8432219684323923e-16, -1.9373394351676423e-16, 8.824516011816245e-18},
    {-1.5788320352845888, 2.3305837032074286, -0.9141194204840429, 0.1623677525612032},
    {0.5334142869106424, -1.272736789213631, 0.9258856042207512, -0.18656310191776226},
    {0.08783463138207234, -0.1694162967925622, 0.08588057951595272, -0.00429891410546283},
    {-0.042416883008123074, 0.1115693827987602, -0.09764676325265872, 0.028494263462021576},
};
constexpr auto kReleasePolynomial = [] {
  std::array<float, 5> coefficients{};
  for (std::size_t power = 0; power < 5; ++power) {
    double sum = 0;
    for (std::size_t zone = 0; zone < 4; ++zone) sum += kReleaseFit[power][zone] * kReleaseZones[zone];
    coefficients[power] = static_cast<float>(sum);
  }
  return coefficients;
}();

float decibelsOf(float linear) { return 20 * std::log10(linear); }
float linearOf(float decibels) { return std::pow(10.0f, 0.05f * decibels); }

/// Frames for kReleaseStep, `toGo` dB (≤ 0) below the target.
float adaptiveRelease(float toGo, float releaseFrames) {
  const float x = (std::clamp(toGo, -12.0f, 0.0f) + 12) / 4;
  float fraction = 0;
  for (std::size_t power = kReleasePolynomial.size(); power-- > 0;) fraction = fraction * x + kReleasePolynomial[power];
  return fraction * releaseFrames;
}

/// sin(π/2 · x) for x in 0 … 1, to 1e-7.
float quarterSine(float x) {
  const float y = kHalfPi * x, y2 = y * y;
  return y * (1 + y2 * (-1.0f / 6 + y2 * (1.0f / 120 + y2 * (-1.0f / 5040 + y2 * (1.0f / 362880 + y2 * (-1.0f / 39916800 + y2 / 6227020800.0f))))));
}

}  // namespace

CompressionCurve::CompressionCurve(float threshold, float knee, float ratio) noexcept
    : threshold_(linearOf(threshold)), kneeEnd_(linearOf(threshold + knee)), exponent_(1 / ratio - 1) {
  float least = 0.1f, most = 10000;
  k_ = 5;
  for (int i = 0; i < 15; ++i) {
    (slopeAt(kneeEnd_) < 1 / ratio ? most : least) = k_;
    k_ = std::sqrt(least * most);
  }
  logGainAtKneeEnd_ = std::log(kneeAt(kneeEnd_) / kneeEnd_);
  logKneeEnd_ = std::log(kneeEnd_);
  makeupGain_ = std::pow(1 / gainAt(1), 0.6f);
}

float CompressionCurve::kneeAt(float level) const noexcept {
  return level < threshold_ ? level : threshold_ + (1 - std::exp(-k_ * (level - threshold_))) / k_;
}

// dB of output for a dB of input.
float CompressionCurve::slopeAt(float level) const noexcept {
  if (level < threshold_) return 1;
  const auto next = static_cast<float>(level * 1.001);   // as a double: the search ends where the rounding of floats leads it, with browsers'
  return (decibelsOf(kneeAt(next)) - decibelsOf(kneeAt(level))) / (decibelsOf(next) - decibelsOf(level));
}

float CompressionCurve::logGainAt(float level) const noexcept {
  if (level < threshold_) return 0;
  if (level < kneeEnd_) return std::log(kneeAt(level) / level);
  return logGainAtKneeEnd_ + exponent_ * (std::log(level) - logKneeEnd_);
}

float CompressionCurve::gainAt(float level) const noexcept {
  if (level < threshold_) return 1;
  return level < kneeEnd_ ? kneeAt(level) / level : std::exp(logGainAt(level));
}

Compressor::Compressor(float sampleRate) noexcept
    : sampleRate_(sampleRate),
      detectorReleaseFrames_(kDetectorRelease * sampleRate),
      slowestDetectorRate_(linearOf(kSlowestDetectorRelease / detectorReleaseFrames_) - 1),
      curve_(settings_.threshold, settings_.knee, settings_.ratio) {}

void Compressor::set(const CompressorSettings& settings) noexcept {
  if (settings == settings_) return;
  if (settings.threshold != settings_.threshold || settings.knee != settings_.knee || settings.ratio != settings_.ratio)
    curve_ = CompressionCurve(settings.threshold, settings.knee, settings.ratio);
  settings_ = settings;
}

// Where the gain goes during the next hop, and how fast: the envelope rate, from the ratio of gain and detector average.
void Compressor::aim() noexcept {
  target_ = std::asin(detectorAverage_) / kHalfPi;   // quarterSine() undoes it
  releasing_ = target_ > gain_;
  float toGo = decibelsOf(gain_ / target_);
  if (releasing_) {
    furthest_ = -1;
    if (!std::isfinite(toGo)) toGo = -1;
    growth_ = linearOf(kReleaseStep / adaptiveRelease(toGo, settings_.release * sampleRate_));
  } else {
    if (!std::isfinite(toGo)) toGo = 1;
    furthest_ = std::max(furthest_, toGo);
    const float attackFrames = std::max(kLeastAttack, settings_.attack) * sampleRate_;
    rate_ = 1 - std::pow(0.25f / std::max(0.5f, furthest_), 1 / attackFrames);
  }
}

void Compressor::detect(float level) noexcept {
  float attenuation = 1, rate = slowestDetectorRate_;
  if (level > kLeastLevel && level >= curve_.threshold()) {
    const bool straight = level >= curve_.kneeEnd();
    const float logGain = straight ? curve_.logGainAt(level) : 0;
    attenuation = straight ? std::exp(logGain) : curve_.gainAt(level);
    // Rising in proportion to the attenuation in dB.
    if (attenuation > detectorAverage_)
      rate = std::max(rate, std::exp(-(straight ? logGain : std::log(attenuation)) / detectorReleaseFrames_) - 1);
  }
  if (attenuation <= detectorAverage_) rate = 1;
  detectorAverage_ = std::min(1.0f, detectorAverage_ + (attenuation - detectorAverage_) * rate);
  if (!std::isfinite(detectorAverage_)) detectorAverage_ = 1;
}

void Compressor::process(const float* levels, float* gains, std::size_t count) noexcept {
  for (std::size_t begin = 0; begin < count;) {
    if (untilAim_ == 0) aim(), untilAim_ = kHop;
    const std::size_t end = std::min<std::size_t>(count, begin + untilAim_);
    for (std::size_t i = begin; i < end; ++i) {
      detect(levels[i]);
      gain_ = releasing_ ? std::min(1.0f, gain_ * growth_) : gain_ + (target_ - gain_) * rate_;
      gains[i] = gain_;
    }
    for (std::size_t i = begin; i < end; ++i) gains[i] = quarterSine(gains[i]);
    meter(gains[end - 1], end - begin);
    for (std::size_t i = begin; i < end; ++i) gains[i] *= curve_.makeupGain();
    untilAim_ -= static_cast<std::uint32_t>(end - begin);
    begin = end;
  }
}

void Compressor::meter(float gain, std::size_t frames) noexcept {
  const float now = std::min(0.0f, decibelsOf(std::max(gain, 1e-30f)));
  const float part = -std::expm1(-static_cast<float>(frames) / (kMeterRelease * sampleRate_));
  reduction_ = now < reduction_ ? now : reduction_ + (now - reduction_) * part;
}

}  // namespace backline::dsp
