#include "dsp/minimum_phase.h"

#include <algorithm>

namespace backline::dsp {

std::span<const std::complex<double>> MinimumPhase::spectrumOf(std::span<const double> logMagnitudes) {
  const std::size_t size = fft_.size();
  std::copy(logMagnitudes.begin(), logMagnitudes.end(), spectrum_.begin());
  fft_.inverse(spectrum_, cepstrum_);
  for (std::size_t n = 0; n < size; ++n) {
    const double folded = n == 0 || n == size / 2 ? 1 : n < size / 2 ? 2 : 0;
    cepstrum_[n] *= folded / static_cast<double>(size);
  }
  fft_.forward(cepstrum_, spectrum_);
  for (auto& bin : spectrum_) bin = std::exp(bin);
  return spectrum_;
}

void MinimumPhase::responseOf(std::span<const double> logMagnitudes, std::span<double> out) {
  spectrumOf(logMagnitudes);
  fft_.inverse(spectrum_, cepstrum_);
  std::transform(cepstrum_.begin(), cepstrum_.begin() + static_cast<std::ptrdiff_t>(out.size()), out.begin(),
                 [this](double sample) { return sample / static_cast<double>(fft_.size()); });
}

}  // namespace backline::dsp
