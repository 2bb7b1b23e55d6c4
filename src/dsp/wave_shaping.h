#pragma once

#include <cstddef>
#include <span>

namespace backline::dsp {

/// out[i] = the value of a shaping curve at in[i]: its points (at least two) lie evenly over −1 … 1, linear between them, its ends beyond. NaN stays
/// NaN. The places may be equal. [render]
void shape(std::span<const float> curve, const float* in, float* out, std::size_t count) noexcept;

}  // namespace backline::dsp
