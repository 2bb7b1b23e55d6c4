#pragma once

#include <cstddef>
#include <cstdint>

namespace backline::dsp {

// Channel up- and down-mixing (Web Audio §5). [render]

enum class MixRule : std::uint32_t { speakers, discrete };

/// `channels` planes of `frames` samples, one after another.
struct Planes {
  float* data;
  std::uint32_t channels;
  std::uint32_t frames;
  float* channel(std::uint32_t index) const { return data + std::size_t{index} * frames; }
};
struct ConstPlanes {
  const float* data;
  std::uint32_t channels;
  std::uint32_t frames;
  const float* channel(std::uint32_t index) const { return data + std::size_t{index} * frames; }
};

/// Mixes `in` to the channel count of `out`. `frames` must agree; the two must not overlap. speakers knows mono, stereo, quad and
/// 5.1; any other pair of counts is mixed as discrete.
void mixTo(ConstPlanes in, Planes out, MixRule rule) noexcept;
/// The same, added to what `out` holds.
void mixOnto(ConstPlanes in, Planes out, MixRule rule) noexcept;

}  // namespace backline::dsp
