#include "render/nodes/list.h"

#include <algorithm>
#include <iterator>

namespace backline::render {

const NodeDeclaration* nodeType(std::uint32_t number) {
  return number < std::size(kNodeTypes) ? kNodeTypes[number] : nullptr;
}

std::uint32_t numberOf(const NodeDeclaration& declaration) {
  const auto place = std::find(std::begin(kNodeTypes), std::end(kNodeTypes), &declaration);
  return static_cast<std::uint32_t>(place - std::begin(kNodeTypes));
}

}  // namespace backline::render
