#include "render/node.h"

#include <cmath>
#include <string>

#include "dsp/frames.h"
#include "render/records.h"

namespace backline::render {

std::uint32_t countArgument(std::span<const double> arguments, const char* what) {
  if (arguments.size() != 1 || !(arguments[0] >= 1 && arguments[0] <= kMaxChannels) || arguments[0] != std::floor(arguments[0]))
    throw RecordError(std::string(what) + " are not 1 … " + std::to_string(kMaxChannels));
  return static_cast<std::uint32_t>(arguments[0]);
}

float boundOf(float declared, float sampleRate) noexcept {
  return std::isinf(declared) ? std::copysign(sampleRate / 2, declared) : declared;
}

NodeShape shapeOf(const NodeDeclaration& declaration, std::span<const double> arguments) {
  if (declaration.shape != nullptr) return declaration.shape(arguments);
  if (!arguments.empty()) throw RecordError(std::string("a ") + declaration.name + " takes no arguments");
  return {declaration.inputs, declaration.outputs};
}

double framesOf(double seconds, float sampleRate) noexcept { return dsp::framesOf(seconds, sampleRate); }

}  // namespace backline::render
