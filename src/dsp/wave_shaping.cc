#include "dsp/wave_shaping.h"

namespace backline::dsp {

void shape(std::span<const float> curve, const float* in, float* out, std::size_t count) noexcept {
  const double last = static_cast<double>(curve.size() - 1);
  for (std::size_t i = 0; i < count; ++i) {
    const double place = last / 2 * (static_cast<double>(in[i]) + 1);
    if (place >= 0 && place < last) {
      const auto before = static_cast<std::size_t>(place);
      const double part = place - static_cast<double>(before);
      out[i] = static_cast<float>((1 - part) * static_cast<double>(curve[before]) + part * static_cast<double>(curve[before + 1]));
    } else {
      out[i] = place < 0 ? curve.front() : place >= last ? curve.back() : in[i];
    }
  }
}

}  // namespace backline::dsp
