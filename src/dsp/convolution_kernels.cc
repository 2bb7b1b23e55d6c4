#include "dsp/convolution_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dsp/convolution_kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace backline::dsp::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Four vectors of outputs at a time: each tap is loaded once for all of them, and their sums do not wait for one another.
template <class D>
HWY_INLINE void filterFour(D d, const float* in, const float* taps, std::size_t tapCount, float* out) {
  const std::size_t lanes = hn::Lanes(d);
  auto a = hn::LoadU(d, out), b = hn::LoadU(d, out + lanes), c = hn::LoadU(d, out + 2 * lanes), e = hn::LoadU(d, out + 3 * lanes);
  for (std::size_t k = 0; k < tapCount; ++k) {
    const auto tap = hn::Set(d, taps[k]);
    const float* from = in - k;
    a = hn::Add(a, hn::Mul(hn::LoadU(d, from), tap));
    b = hn::Add(b, hn::Mul(hn::LoadU(d, from + lanes), tap));
    c = hn::Add(c, hn::Mul(hn::LoadU(d, from + 2 * lanes), tap));
    e = hn::Add(e, hn::Mul(hn::LoadU(d, from + 3 * lanes), tap));
  }
  hn::StoreU(a, d, out);
  hn::StoreU(b, d, out + lanes);
  hn::StoreU(c, d, out + 2 * lanes);
  hn::StoreU(e, d, out + 3 * lanes);
}

template <class D>
HWY_INLINE void filterOne(D d, const float* in, const float* taps, std::size_t tapCount, float* out) {
  auto sum = hn::LoadU(d, out);
  for (std::size_t k = 0; k < tapCount; ++k) sum = hn::Add(sum, hn::Mul(hn::LoadU(d, in - k), hn::Set(d, taps[k])));
  hn::StoreU(sum, d, out);
}

void addFiltered(const float* in, const float* taps, std::size_t tapCount, float* out, std::size_t count) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> single;
  const std::size_t lanes = hn::Lanes(wide);
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) filterFour(wide, in + i, taps, tapCount, out + i);
  for (; i + lanes <= count; i += lanes) filterOne(wide, in + i, taps, tapCount, out + i);
  for (; i < count; ++i) filterOne(single, in + i, taps, tapCount, out + i);
}

template <class D>
HWY_INLINE void multiplyAt(D d, ConstSplitComplex a, ConstSplitComplex b, SplitComplex sum, std::size_t i) {
  const auto aRe = hn::LoadU(d, a.re + i), aIm = hn::LoadU(d, a.im + i), bRe = hn::LoadU(d, b.re + i), bIm = hn::LoadU(d, b.im + i);
  const auto re = hn::Sub(hn::Mul(aRe, bRe), hn::Mul(aIm, bIm));
  const auto im = hn::Add(hn::Mul(aRe, bIm), hn::Mul(aIm, bRe));
  hn::StoreU(hn::Add(hn::LoadU(d, sum.re + i), re), d, sum.re + i);
  hn::StoreU(hn::Add(hn::LoadU(d, sum.im + i), im), d, sum.im + i);
}

void addComplexProducts(ConstSplitComplex a, ConstSplitComplex b, SplitComplex sum, std::size_t count) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> single;
  const std::size_t lanes = hn::Lanes(wide);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) multiplyAt(wide, a, b, sum, i);
  for (; i < count; ++i) multiplyAt(single, a, b, sum, i);
}

}  // namespace backline::dsp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backline::dsp {

HWY_EXPORT(addFiltered);
HWY_EXPORT(addComplexProducts);

void addFiltered(const float* in, const float* taps, std::size_t tapCount, float* out, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(addFiltered)(in, taps, tapCount, out, count);
}
void addComplexProducts(ConstSplitComplex a, ConstSplitComplex b, SplitComplex sum, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(addComplexProducts)(a, b, sum, count);
}

namespace scalar {

void addFiltered(const float* in, const float* taps, std::size_t tapCount, float* out, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < tapCount; ++k) out[i] = out[i] + *(in + i - k) * taps[k];
}
void addComplexProducts(ConstSplitComplex a, ConstSplitComplex b, SplitComplex sum, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    sum.re[i] = sum.re[i] + (a.re[i] * b.re[i] - a.im[i] * b.im[i]);
    sum.im[i] = sum.im[i] + (a.re[i] * b.im[i] + a.im[i] * b.re[i]);
  }
}

}  // namespace scalar
}  // namespace backline::dsp
#endif
