#pragma once

#include <cstddef>

namespace backline::dsp {

// Kernels over float samples: one source for every SIMD target, chosen at run time. Each computes, sample by sample, what its
// twin in namespace scalar computes, to the bit: no fused operations, no reductions. Places may be equal, but not overlap
// otherwise. Any alignment, any count. [render]

/// out = in · gain
void scale(const float* in, float gain, float* out, std::size_t count) noexcept;
/// out = in · gains
void multiply(const float* in, const float* gains, float* out, std::size_t count) noexcept;
/// out = out + in
void add(const float* in, float* out, std::size_t count) noexcept;
/// out = out + in · gain, rounded twice
void addScaled(const float* in, float gain, float* out, std::size_t count) noexcept;
/// out = out + in · gains, rounded twice
void addMultiplied(const float* in, const float* gains, float* out, std::size_t count) noexcept;
/// Values outside [low, high] to the nearer end, NaN to `otherwise`.
void clamp(float* values, float low, float high, float otherwise, std::size_t count) noexcept;

namespace scalar {
void scale(const float* in, float gain, float* out, std::size_t count) noexcept;
void multiply(const float* in, const float* gains, float* out, std::size_t count) noexcept;
void add(const float* in, float* out, std::size_t count) noexcept;
void addScaled(const float* in, float gain, float* out, std::size_t count) noexcept;
void addMultiplied(const float* in, const float* gains, float* out, std::size_t count) noexcept;
void clamp(float* values, float low, float high, float otherwise, std::size_t count) noexcept;
}  // namespace scalar

}  // namespace backline::dsp
