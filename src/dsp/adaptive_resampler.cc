#include "dsp/adaptive_resampler.h"

#include <algorithm>
#include <cmath>

namespace backline::dsp {

AdaptiveResampler::AdaptiveResampler(std::uint32_t channels, double inputRate, double outputRate, std::uint32_t mostOutput)
    : channels_(channels),
      ratio_(inputRate / outputRate),
      mostInput_(static_cast<std::uint32_t>(std::ceil(mostOutput * ratio_ * (1 + kMostCorrection))) + 1),
      table_(makeSincTable(inputRate, outputRate)) {
  rt_.history.resize((table_.taps + mostInput_) * channels);
}

double AdaptiveResampler::stepOf(double correction) const noexcept {
  return ratio_ * (1 + std::clamp(correction, -kMostCorrection, kMostCorrection));
}

std::uint32_t AdaptiveResampler::inputFor(std::uint32_t outputFrames, double correction) const noexcept {
  return static_cast<std::uint32_t>(rt_.position + outputFrames * stepOf(correction));
}

void AdaptiveResampler::convert(const float* input, float* output, std::size_t stride, std::uint32_t outputFrames, double correction) noexcept {
  const double step = stepOf(correction);
  const std::size_t taken = inputFor(outputFrames, correction);
  for (std::uint32_t c = 0; c < channels_; ++c) {
    float* plane = rt_.history.data() + (table_.taps + mostInput_) * c;
    for (std::size_t i = 0; i < taken; ++i) plane[table_.taps + i] = input[i * channels_ + c];
    sincInterpolate(table_, plane, rt_.position, step, output + stride * c, outputFrames);
    std::copy_n(plane + taken, table_.taps, plane);
  }
  rt_.position += outputFrames * step - static_cast<double>(taken);
}

void AdaptiveResampler::reset() noexcept {
  std::fill(rt_.history.begin(), rt_.history.end(), 0.0f);
  rt_.position = 0;
}

}  // namespace backline::dsp
