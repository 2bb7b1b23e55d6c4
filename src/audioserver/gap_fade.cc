#include "audioserver/gap_fade.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace backline::audioserver {
namespace {

/// From 1 just before the first frame of a fall to 0 at its end, `left` counting down from kFadeFrames; half a cosine.
const std::array<float, kFadeFrames + 1> kFall = [] {
  std::array<float, kFadeFrames + 1> gains;
  for (std::uint32_t left = 0; left <= kFadeFrames; ++left) {
    gains[left] = static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * left / kFadeFrames));
  }
  return gains;
}();

}  // namespace

void GapFade::apply(float* planes, std::uint32_t channels, std::uint32_t frames, std::uint32_t present) noexcept {
  if (present > 0) {
    if (broken_) riseLeft_ = kFadeFrames;
    broken_ = false;
    const std::uint32_t rising = std::min(riseLeft_, present);
    for (std::uint32_t c = 0; c < channels; ++c) {
      float* plane = planes + std::size_t{c} * frames;
      for (std::uint32_t i = 0; i < rising; ++i) plane[i] *= kFall[kFadeFrames - (riseLeft_ - 1 - i)];
      last_[c] = plane[present - 1];
    }
    riseLeft_ -= rising;
    tailLeft_ = kFadeFrames;
  }
  if (present == frames) return;
  broken_ = true;
  const std::uint32_t falling = std::min(tailLeft_, frames - present);
  for (std::uint32_t c = 0; c < channels; ++c) {
    float* plane = planes + std::size_t{c} * frames;
    for (std::uint32_t i = 0; i < falling; ++i) plane[present + i] = last_[c] * kFall[tailLeft_ - 1 - i];
    std::fill(plane + present + falling, plane + frames, 0.0f);
  }
  tailLeft_ -= falling;
}

}  // namespace backline::audioserver
