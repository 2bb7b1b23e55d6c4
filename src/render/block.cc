#include "render/block.h"

#include <algorithm>

namespace backline::render {

void Block::clear() noexcept {
  zero(1);
  active = false;
}

void Block::zero(std::uint32_t count) noexcept {
  std::fill_n(data, std::size_t{count} * frames, 0.0f);
  channels = static_cast<std::uint8_t>(count);
  silent = true;
  active = true;
  constant = false;
}

}  // namespace backline::render
