#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

#include "dsp/fft.h"

namespace backline::dsp {

/// Finds the response of least delay that has given magnitudes: its logarithm's cepstrum is folded onto the positive side (Oppenheim and Schafer,
/// Discrete-Time Signal Processing, "Complex Cepstrum"). [compile]
class MinimumPhase {
 public:
  /// `size` points around the circle, even; the response should have died away well before.
  explicit MinimumPhase(std::size_t size) : fft_(size), cepstrum_(size), spectrum_(fft_.bins()) {}
  std::size_t size() const { return fft_.size(); }
  std::size_t bins() const { return fft_.bins(); }

  /// `logMagnitudes`: natural logarithms, one a bin. The spectrum, valid until the next call.
  std::span<const std::complex<double>> spectrumOf(std::span<const double> logMagnitudes);
  /// The response's first samples, as many as there are in `out`.
  void responseOf(std::span<const double> logMagnitudes, std::span<double> out);

 private:
  RealFft<double> fft_;
  std::vector<double> cepstrum_;
  std::vector<std::complex<double>> spectrum_;
};

}  // namespace backline::dsp
