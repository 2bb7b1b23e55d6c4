#include "render/node.h"

#include "dsp/frames.h"

namespace backline::render {

double framesOf(double seconds, float sampleRate) noexcept { return dsp::framesOf(seconds, sampleRate); }

}  // namespace backline::render
