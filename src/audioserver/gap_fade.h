#pragma once

#include <array>
#include <cstdint>

namespace backline::audioserver {

inline constexpr std::uint32_t kMaxChannels = 32;
inline constexpr std::uint32_t kFadeFrames = 64;  ///< 1.3 ms at 48 kHz: no click, and no sound of its own

/// Rounds off the edges where a stream of planes breaks off and comes back: from the last frame to silence, and from silence into
/// the first frames. A stream without breaks passes bit for bit. [device]
class GapFade {
 public:
  /// Plane c begins at planes + c · frames; the first `present` of its `frames` frames are there, the others are written here.
  void apply(float* planes, std::uint32_t channels, std::uint32_t frames, std::uint32_t present) noexcept;
  /// What comes next rises from silence: it went on elsewhere.
  void interrupt() noexcept { broken_ = true; }
  /// True when nothing but silence would follow a break here.
  bool silent() const noexcept { return tailLeft_ == 0; }

 private:
  std::array<float, kMaxChannels> last_{};  // the last frame that was there
  std::uint32_t tailLeft_ = 0;              // frames of the way from it to silence
  std::uint32_t riseLeft_ = 0;              // frames of the way back
  bool broken_ = false;
};

}  // namespace backline::audioserver
