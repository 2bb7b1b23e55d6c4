#include "render/nodes/scheduling.h"

#include <algorithm>
#include <cmath>

namespace backline::render {

namespace {

// The first frame of the quantum at or after `frame`; its length if there is none.
std::uint32_t firstFrom(double frame, const Quantum& quantum) {
  const double place = std::ceil(frame - static_cast<double>(quantum.frame));
  return static_cast<std::uint32_t>(std::clamp(place, 0.0, static_cast<double>(quantum.frames)));
}

}  // namespace

Sounding Scheduler::of(const Schedule& schedule, const Quantum& quantum) noexcept {
  const double start = framesOf(schedule.start, quantum.sampleRate);
  const double stop = framesOf(schedule.stop, quantum.sampleRate);
  const double first = static_cast<double>(quantum.frame), next = first + quantum.frames;
  Sounding sounding;
  if (std::isinf(start)) return sounding;
  sounding.over = std::ceil(stop) <= next;
  sounding.begin = started_ ? 0 : firstFrom(start, quantum);
  sounding.end = std::max(sounding.begin, firstFrom(stop, quantum));
  if (!started_ && sounding.any()) {
    started_ = true;
    const double exact = first + sounding.begin - start;
    sounding.lead = exact < 1 ? exact : 0;
  }
  return sounding;
}

void silenceAround(Block& out, const Sounding& sounding) noexcept {
  std::fill(out.data, out.data + sounding.begin, 0.0f);
  std::fill(out.data + sounding.end, out.data + out.frames, 0.0f);
}

}  // namespace backline::render
