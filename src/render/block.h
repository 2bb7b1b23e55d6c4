#pragma once

#include <cstddef>
#include <cstdint>

namespace backline::render {

inline constexpr std::uint32_t kMaxChannels = 32;
inline constexpr std::uint32_t kDefaultQuantum = 128;  ///< frames; the only place that names it

/// One quantum of one node output: planar float32, channels × frames. Storage belongs to the plan and has room for
/// `capacity` channels. `silent` promises that all samples of all channels are zero (they are written as zeros too).
/// A block of a node that is not actively processing (Web Audio §1.5.1.5) is one silent channel with `active` false.
struct Block {
  float* data = nullptr;
  std::uint32_t frames = 0;
  std::uint8_t capacity = 1;
  std::uint8_t channels = 1;
  bool silent = true;
  bool active = false;
  bool constant = false;   ///< every channel's samples are all the same, written nevertheless; false promises nothing

  float* channel(std::uint32_t index) { return data + std::size_t{index} * frames; }
  const float* channel(std::uint32_t index) const { return data + std::size_t{index} * frames; }
  /// One silent, inactive channel.
  void clear() noexcept;
  /// `count` channels (≤ capacity) of zeros, active.
  void zero(std::uint32_t count) noexcept;
};

/// The computed values of one AudioParam for one quantum: clamped, never NaN, inputs added.
struct ParamBlock {
  const float* values = nullptr;  ///< 1 value if constant, else one a frame
  bool constant = true;
  float at(std::uint32_t frame) const { return values[constant ? 0 : frame]; }
};

}  // namespace backline::render
