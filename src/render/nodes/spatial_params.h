#pragma once

#include <cstdint>

#include "dsp/spatial.h"
#include "render/node.h"

namespace backline::render {

/// AudioListener's parameters, and the channels of its output: position, forward, up.
inline constexpr std::uint32_t kListenerParams = 9;
enum class ListenerParam : std::uint32_t { position = 0, forward = 3, up = 6 };
/// PannerNode's.
enum class PannerParam : std::uint32_t { position = 0, orientation = 3 };

/// Three parameters that follow one another, at a frame of the quantum.
inline dsp::Point pointAt(std::span<const ParamBlock> params, PannerParam first, std::uint32_t frame) noexcept {
  const auto at = static_cast<std::uint32_t>(first);
  return {params[at].at(frame), params[at + 1].at(frame), params[at + 2].at(frame)};
}

/// What a panner hears of its listener; where it hears none, the listener is as it was made.
class ListenerView {
 public:
  explicit ListenerView(const Block* block) noexcept : block_(block != nullptr && block->channels == kListenerParams ? block : nullptr) {}
  bool constant() const { return block_ == nullptr || block_->constant; }
  dsp::Head headAt(std::uint32_t frame) const noexcept {
    if (block_ == nullptr) return {{}, {0, 0, -1}, {0, 1, 0}};
    return {pointAt(ListenerParam::position, frame), pointAt(ListenerParam::forward, frame), pointAt(ListenerParam::up, frame)};
  }

 private:
  dsp::Point pointAt(ListenerParam first, std::uint32_t frame) const noexcept {
    const auto at = static_cast<std::uint32_t>(first);
    return {block_->channel(at)[frame], block_->channel(at + 1)[frame], block_->channel(at + 2)[frame]};
  }
  const Block* block_;
};

}  // namespace backline::render
