#pragma once

#include <cmath>
#include <complex>
#include <numbers>
#include <span>
#include <vector>

#include "dsp/fft.h"

namespace backline::test {

inline double decibels(double amplitude) { return 20 * std::log10(std::max(amplitude, 1e-30)); }

/// The amplitude of every bin of a signal whose partials all fall on bins: no window is needed.
template <typename Sample>
std::vector<double> amplitudes(std::span<const Sample> signal) {
  dsp::RealFft<double> fft(signal.size());
  const std::vector<double> samples(signal.begin(), signal.end());
  std::vector<std::complex<double>> bins(fft.bins());
  fft.forward(samples, bins);
  std::vector<double> sizes(bins.size());
  for (std::size_t k = 0; k < bins.size(); ++k) sizes[k] = std::abs(bins[k]) * 2 / static_cast<double>(signal.size());
  return sizes;
}

}  // namespace backline::test
