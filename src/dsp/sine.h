#pragma once

#include <cstdint>
#include <span>

namespace backline::dsp {

/// A phase: 2^64 is one cycle. Adding steps wraps, loses nothing and does not depend on how they are grouped.
using Phase = std::uint64_t;

/// The phase of a number of cycles in [−0.5, 0.5]; also the step of an oscillator at `cycles` a frame. [any thread]
Phase phaseOf(double cycles) noexcept;

/// sin(2π · phase), within 1e-10. Plain arithmetic: the same bits on every machine. [any thread]
double sine(Phase phase) noexcept;

/// sine() of `phase` and of each `step` further. [any thread]
void sines(Phase phase, Phase step, std::span<float> out) noexcept;

}  // namespace backline::dsp
