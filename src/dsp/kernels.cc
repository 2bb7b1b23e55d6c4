#include "dsp/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dsp/kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace backline::dsp::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Applies `body` to whole vectors and then to single lanes; both do the same arithmetic.
template <typename Body>
HWY_INLINE void forEach(std::size_t count, Body body) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> single;
  const std::size_t lanes = hn::Lanes(wide);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) body(wide, i);
  for (; i < count; ++i) body(single, i);
}

void scale(const float* in, float gain, float* out, std::size_t count) {
  forEach(count, [=](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(hn::Mul(hn::LoadU(d, in + i), hn::Set(d, gain)), d, out + i);
  });
}

void multiply(const float* in, const float* gains, float* out, std::size_t count) {
  forEach(count, [=](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(hn::Mul(hn::LoadU(d, in + i), hn::LoadU(d, gains + i)), d, out + i);
  });
}

void add(const float* in, float* out, std::size_t count) {
  forEach(count, [=](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(hn::Add(hn::LoadU(d, out + i), hn::LoadU(d, in + i)), d, out + i);
  });
}

void addScaled(const float* in, float gain, float* out, std::size_t count) {
  forEach(count, [=](auto d, std::size_t i) HWY_ATTR {
    const auto product = hn::Mul(hn::LoadU(d, in + i), hn::Set(d, gain));
    hn::StoreU(hn::Add(hn::LoadU(d, out + i), product), d, out + i);
  });
}

void addMultiplied(const float* in, const float* gains, float* out, std::size_t count) {
  forEach(count, [=](auto d, std::size_t i) HWY_ATTR {
    const auto product = hn::Mul(hn::LoadU(d, in + i), hn::LoadU(d, gains + i));
    hn::StoreU(hn::Add(hn::LoadU(d, out + i), product), d, out + i);
  });
}

void clamp(float* values, float low, float high, float otherwise, std::size_t count) {
  forEach(count, [=](auto d, std::size_t i) HWY_ATTR {
    const auto value = hn::LoadU(d, values + i);
    const auto number = hn::IfThenElse(hn::Eq(value, value), value, hn::Set(d, otherwise));
    const auto floored = hn::IfThenElse(hn::Lt(number, hn::Set(d, low)), hn::Set(d, low), number);
    hn::StoreU(hn::IfThenElse(hn::Gt(floored, hn::Set(d, high)), hn::Set(d, high), floored), d, values + i);
  });
}

}  // namespace backline::dsp::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backline::dsp {

HWY_EXPORT(scale);
HWY_EXPORT(multiply);
HWY_EXPORT(add);
HWY_EXPORT(addScaled);
HWY_EXPORT(addMultiplied);
HWY_EXPORT(clamp);

void scale(const float* in, float gain, float* out, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(scale)(in, gain, out, count);
}
void multiply(const float* in, const float* gains, float* out, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(multiply)(in, gains, out, count);
}
void add(const float* in, float* out, std::size_t count) noexcept { HWY_DYNAMIC_DISPATCH(add)(in, out, count); }
void addScaled(const float* in, float gain, float* out, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(addScaled)(in, gain, out, count);
}
void addMultiplied(const float* in, const float* gains, float* out, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(addMultiplied)(in, gains, out, count);
}
void clamp(float* values, float low, float high, float otherwise, std::size_t count) noexcept {
  HWY_DYNAMIC_DISPATCH(clamp)(values, low, high, otherwise, count);
}

namespace scalar {

void scale(const float* in, float gain, float* out, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) out[i] = in[i] * gain;
}
void multiply(const float* in, const float* gains, float* out, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) out[i] = in[i] * gains[i];
}
void add(const float* in, float* out, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) out[i] = out[i] + in[i];
}
void addScaled(const float* in, float gain, float* out, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) out[i] = out[i] + in[i] * gain;
}
void addMultiplied(const float* in, const float* gains, float* out, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) out[i] = out[i] + in[i] * gains[i];
}
void clamp(float* values, float low, float high, float otherwise, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const float number = values[i] == values[i] ? values[i] : otherwise;
    values[i] = number < low ? low : number > high ? high : number;
  }
}

}  // namespace scalar
}  // namespace backline::dsp
#endif
