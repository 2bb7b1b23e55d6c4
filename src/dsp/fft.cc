#include "dsp/fft.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <type_traits>

extern "C" {
#include <libavutil/mem.h>
#include <libavutil/tx.h>
}

namespace backline::dsp {

namespace {

struct AvFree {
  void operator()(void* memory) const { av_free(memory); }
};

}  // namespace

template <typename Real>
struct RealFft<Real>::Plan {
  struct Direction {
    AVTXContext* context = nullptr;
    av_tx_fn transform = nullptr;
    ~Direction() { av_tx_uninit(&context); }
  };
  Direction forward, inverse;
  // The transforms want aligned memory and may write to their input.
  std::unique_ptr<Real, AvFree> samples;
  std::unique_ptr<Real, AvFree> bins;

  explicit Plan(std::size_t size)
      : samples(static_cast<Real*>(av_malloc(size * sizeof(Real)))),
        bins(static_cast<Real*>(av_malloc((size + 2) * sizeof(Real)))) {
    if (!samples || !bins) throw std::bad_alloc();
    constexpr auto kType = std::is_same_v<Real, float> ? AV_TX_FLOAT_RDFT : AV_TX_DOUBLE_RDFT;
    const Real forwardScale = 1, inverseScale = 1;
    const int points = static_cast<int>(size);
    if (size < 4 || size % 2 != 0 ||
        av_tx_init(&forward.context, &forward.transform, kType, 0, points, &forwardScale, 0) < 0 ||
        av_tx_init(&inverse.context, &inverse.transform, kType, 1, points, &inverseScale, 0) < 0) {
      throw std::invalid_argument("no real Fourier transform of " + std::to_string(size) + " points");
    }
  }
};

template <typename Real>
RealFft<Real>::RealFft(std::size_t size) : size_(size), plan_(std::make_unique<Plan>(size)) {}
template <typename Real>
RealFft<Real>::~RealFft() = default;
template <typename Real>
RealFft<Real>::RealFft(RealFft&&) noexcept = default;
template <typename Real>
RealFft<Real>& RealFft<Real>::operator=(RealFft&&) noexcept = default;

template <typename Real>
void RealFft<Real>::forward(std::span<const Real> samples, std::span<std::complex<Real>> bins) noexcept {
  std::copy_n(samples.data(), size_, plan_->samples.get());
  plan_->forward.transform(plan_->forward.context, plan_->bins.get(), plan_->samples.get(), sizeof(Real));
  const Real* out = plan_->bins.get();
  for (std::size_t k = 0; k < this->bins(); ++k) bins[k] = {out[2 * k], out[2 * k + 1]};
  // Real in any case; libavutil 57 leaves the last one's imaginary part unwritten.
  bins.front().imag(0);
  bins[size_ / 2].imag(0);
}

template <typename Real>
void RealFft<Real>::inverse(std::span<const std::complex<Real>> bins, std::span<Real> samples) noexcept {
  Real* in = plan_->bins.get();
  for (std::size_t k = 0; k < this->bins(); ++k) {
    in[2 * k] = bins[k].real();
    in[2 * k + 1] = bins[k].imag();
  }
  plan_->inverse.transform(plan_->inverse.context, plan_->samples.get(), in, sizeof(Real));
  std::copy_n(plan_->samples.get(), size_, samples.data());
}

template class RealFft<float>;
template class RealFft<double>;

}  // namespace backline::dsp
