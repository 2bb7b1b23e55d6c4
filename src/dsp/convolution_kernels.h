#pragma once

#include <cstddef>

namespace backline::dsp {

// The two inner loops of convolution, for every SIMD target; to the bit what their twins in namespace scalar compute. Any alignment. [render]

/// out[i] += Σ taps[k] · in[i − k], k ascending, each product rounded. `in` has `tapCount` − 1 samples before it.
void addFiltered(const float* in, const float* taps, std::size_t tapCount, float* out, std::size_t count) noexcept;

/// Complex numbers, their parts in arrays of their own.
struct SplitComplex {
  float* re;
  float* im;
};
struct ConstSplitComplex {
  const float* re;
  const float* im;
};
/// sum += a · b; the three do not overlap.
void addComplexProducts(ConstSplitComplex a, ConstSplitComplex b, SplitComplex sum, std::size_t count) noexcept;

namespace scalar {
void addFiltered(const float* in, const float* taps, std::size_t tapCount, float* out, std::size_t count) noexcept;
void addComplexProducts(ConstSplitComplex a, ConstSplitComplex b, SplitComplex sum, std::size_t count) noexcept;
}  // namespace scalar

}  // namespace backline::dsp
