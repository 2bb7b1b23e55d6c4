#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>

struct AVTXContext;

namespace backline::dsp {

/// Real discrete Fourier transform, over libavutil's tx. Real is float or double. Making a plan allocates; transforms do not,
/// but change scratch memory of the plan: one thread at a time.
template <typename Real>
class RealFft {
 public:
  /// `size` real points: even, at least 4. Throws std::invalid_argument if there is no transform of that size. [compile]
  explicit RealFft(std::size_t size);
  ~RealFft();
  RealFft(RealFft&&) noexcept;
  RealFft& operator=(RealFft&&) noexcept;

  std::size_t size() const { return size_; }
  std::size_t bins() const { return size_ / 2 + 1; }

  /// bins[k] = Σ samples[n] · exp(−2πi·k·n/size). [render]
  void forward(std::span<const Real> samples, std::span<std::complex<Real>> bins) noexcept;
  /// samples[n] = Σ over all `size` bins (the upper half mirrored) of bins[k] · exp(2πi·k·n/size): not divided by size. [render]
  void inverse(std::span<const std::complex<Real>> bins, std::span<Real> samples) noexcept;

 private:
  struct Plan;
  std::size_t size_;
  std::unique_ptr<Plan> plan_;
};

extern template class RealFft<float>;
extern template class RealFft<double>;

}  // namespace backline::dsp
