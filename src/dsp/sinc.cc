#include "dsp/sinc.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dsp/sinc.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef BACKLINE_DSP_SINC_SHARED
#define BACKLINE_DSP_SINC_SHARED
namespace backline::dsp {

inline constexpr std::size_t kLanes = 8;

/// Where one output lies: between two rows of the table, over a stretch of the input.
struct SincPlace {
  const float* input;
  const float* row;
  float blend;

  SincPlace(const SincTable& table, const float* from, double position) {
    const auto whole = static_cast<std::size_t>(position);
    const double phase = (position - static_cast<double>(whole)) * static_cast<double>(table.phases);
    const auto index = static_cast<std::size_t>(phase);
    input = from + whole;
    row = table.coefficients.data() + index * table.taps;
    blend = static_cast<float>(phase - static_cast<double>(index));
  }
};

inline float sumOf(const float (&lanes)[kLanes]) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

}  // namespace backline::dsp
#endif

HWY_BEFORE_NAMESPACE();
namespace backline::dsp::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void sincInterpolate(const SincTable& table, const float* input, double position, double step, float* out, std::size_t count) {
  const hn::CappedTag<float, kLanes> d;
  const std::size_t width = hn::Lanes(d);   // 8, or 4: then the eight lanes are two halves
  HWY_ALIGN float lanes[kLanes];
  const std::size_t taps = table.taps;
  for (std::size_t i = 0; i < count; ++i) {
    const SincPlace place(table, input, position + static_cast<double>(i) * step);
    const auto blend = hn::Set(d, place.blend);
    for (std::size_t lane = 0; lane < kLanes; lane += width) {
      auto sum = hn::Zero(d);
      for (std::size_t tap = lane; tap < taps; tap += kLanes) {
        const auto below = hn::LoadU(d, place.row + tap);
        const auto above = hn::LoadU(d, place.row + taps + tap);
        const auto coefficient = hn::Add(below, hn::Mul(blend, hn::Sub(above, below)));
        sum = hn::Add(sum, hn::Mul(coefficient, hn::LoadU(d, place.input + tap)));
      }
      hn::StoreU(sum, d, lanes + lane);
    }
    out[i] = sumOf(lanes);
  }
}

}  // namespace backline::dsp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backline::dsp {

HWY_EXPORT(sincInterpolate);

void sincInterpolate(const SincTable& table, const float* input, double position, double step, float* out, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(sincInterpolate)(table, input, position, step, out, count);
}

namespace scalar {

void sincInterpolate(const SincTable& table, const float* input, double position, double step, float* out, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const SincPlace place(table, input, position + static_cast<double>(i) * step);
    float lanes[kLanes] = {};
    for (std::size_t tap = 0; tap < table.taps; ++tap) {
      const float below = place.row[tap], above = place.row[table.taps + tap];
      lanes[tap % kLanes] += (below + place.blend * (above - below)) * place.input[tap];
    }
    out[i] = sumOf(lanes);
  }
}

}  // namespace scalar
}  // namespace backline::dsp
#endif
