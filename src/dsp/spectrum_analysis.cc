#include "dsp/spectrum_analysis.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dsp/kernels.h"

namespace backline::dsp {

namespace {

double decibelsOf(float magnitude) { return 20 * std::log10(static_cast<double>(magnitude)); }

/// Rounded down; what is no number becomes 0.
std::uint8_t byteOf(double value) { return value >= 0 ? static_cast<std::uint8_t>(std::min(value, 255.0)) : 0; }

}  // namespace

void blackmanWindow(std::span<float> window) {
  constexpr double kAlpha = 0.16;
  const double step = 2 * std::numbers::pi / static_cast<double>(window.size());
  for (std::size_t n = 0; n < window.size(); ++n) {
    const double angle = step * static_cast<double>(n);
    window[n] = static_cast<float>((1 - kAlpha) / 2 - std::cos(angle) / 2 + kAlpha / 2 * std::cos(2 * angle));
  }
}

void toBytes(std::span<const float> samples, std::span<std::uint8_t> bytes) noexcept {
  const std::size_t count = std::min(samples.size(), bytes.size());
  for (std::size_t i = 0; i < count; ++i) bytes[i] = byteOf(128 * (1 + static_cast<double>(samples[i])));
}

SpectrumAnalysis::SpectrumAnalysis(std::size_t size) : fft_(size), window_(size), windowed_(size), smoothed_(size / 2), spectrum_(fft_.bins()) {
  blackmanWindow(window_);
}

void SpectrumAnalysis::update(std::span<const float> samples, double smoothing) noexcept {
  multiply(samples.data(), window_.data(), windowed_.data(), size());
  fft_.forward(windowed_, spectrum_);
  const double scale = (1 - smoothing) / static_cast<double>(size());
  for (std::size_t k = 0; k < bins(); ++k) {
    const double real = spectrum_[k].real(), imaginary = spectrum_[k].imag();
    const auto value = static_cast<float>(smoothing * static_cast<double>(smoothed_[k]) + scale * std::sqrt(real * real + imaginary * imaginary));
    smoothed_[k] = std::isfinite(value) ? value : 0.0f;
  }
}

void SpectrumAnalysis::decibels(std::span<float> out) const noexcept {
  const std::size_t count = std::min(out.size(), bins());
  for (std::size_t k = 0; k < count; ++k) out[k] = static_cast<float>(decibelsOf(smoothed_[k]));
}

void SpectrumAnalysis::bytes(std::span<std::uint8_t> out, double least, double most) const noexcept {
  const std::size_t count = std::min(out.size(), bins());
  const double scale = 255 / (most - least);
  for (std::size_t k = 0; k < count; ++k) out[k] = byteOf(scale * (decibelsOf(smoothed_[k]) - least));
}

}  // namespace backline::dsp
