#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/fft.h"

namespace backline::dsp {

/// window[n] = 0.42 − 0.5 cos(2πn/N) + 0.08 cos(4πn/N), N the size of `window`: the Blackman window with α = 0.16, periodic.
void blackmanWindow(std::span<float> window);

/// ⌊128 (1 + x)⌋ of every sample, clipped to a byte; NaN becomes 0. As many as fit both spans.
void toBytes(std::span<const float> samples, std::span<std::uint8_t> bytes) noexcept;

/// The smoothed magnitude spectrum of an AnalyserNode (Web Audio §1.8.6). Makes its tables when it is made; the rest does not allocate.
/// Thread safety: one thread at a time.
class SpectrumAnalysis {
 public:
  /// `size` points: a power of two, at least 4. Nothing has been heard: every bin is 0.
  explicit SpectrumAnalysis(std::size_t size);

  std::size_t size() const { return window_.size(); }
  std::size_t bins() const { return smoothed_.size(); }   ///< size / 2

  /// Smooths the spectrum of `size` samples into what is there: smoothing · old + (1 − smoothing) · |X|. What is not finite becomes 0.
  void update(std::span<const float> samples, double smoothing) noexcept;
  /// 20 log10 of the first bins, as many as fit; −∞ for 0.
  void decibels(std::span<float> out) const noexcept;
  /// The same scaled so that `least` dB is 0 and `most` dB is 255, rounded down and clipped.
  void bytes(std::span<std::uint8_t> out, double least, double most) const noexcept;

 private:
  RealFft<float> fft_;
  std::vector<float> window_, windowed_, smoothed_;
  std::vector<std::complex<float>> spectrum_;
};

}  // namespace backline::dsp
