#include "dsp/half_band.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "dsp/convolution_kernels.h"
#include "dsp/kernels.h"

namespace backline::dsp {

std::vector<float> halfBandTaps(std::size_t count) {
  constexpr double kPi = std::numbers::pi, kAlpha = 0.16;
  std::vector<double> taps(count);
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double place = static_cast<double>(i) + 0.5;
    const double s = kPi * (place - static_cast<double>(count) / 2);
    const double turn = 2 * kPi * place / static_cast<double>(count);
    taps[i] = std::sin(s) / s * ((1 - kAlpha) / 2 - 0.5 * std::cos(turn) + kAlpha / 2 * std::cos(2 * turn));
    sum += taps[i];
  }
  std::vector<float> scaled(count);
  std::transform(taps.begin(), taps.end(), scaled.begin(), [sum](double tap) { return static_cast<float>(tap / sum); });
  return scaled;
}

void HalfBand::up(const float* in, std::size_t count, float* out, std::span<float> history, float* scratch) const noexcept {
  const std::size_t past = memory();
  float* line = scratch;
  float* between = scratch + past + count;
  std::copy_n(history.data(), past, line);
  std::copy_n(in, count, line + past);
  const float* now = line + past;
  std::fill_n(between, count, 0.0f);
  addFiltered(now - extra_, taps_.data(), taps_.size(), between, count);
  const float* whole = now - delay_;
  for (std::size_t i = 0; i < count; ++i) {
    out[2 * i] = whole[i];
    out[2 * i + 1] = between[i];
  }
  std::copy_n(line + count, past, history.data());
}

void HalfBand::down(const float* in, std::size_t count, float* out, std::span<float> history, float* scratch) const noexcept {
  const std::size_t past = memory();
  float* even = scratch;
  float* odd = scratch + past + count;
  std::copy_n(history.data(), past, even);
  std::copy_n(history.data() + past, past, odd);
  for (std::size_t i = 0; i < count; ++i) {
    even[past + i] = in[2 * i];
    odd[past + i] = in[2 * i + 1];
  }
  std::copy_n(even + past - delay_, count, out);
  addFiltered(odd + past - 1 - extra_, taps_.data(), taps_.size(), out, count);
  scale(out, 0.5f, out, count);
  std::copy_n(even + count, past, history.data());
  std::copy_n(odd + count, past, history.data() + past);
}

}  // namespace backline::dsp
