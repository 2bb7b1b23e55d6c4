#pragma once

namespace backline::dsp {

/// Frames of a time in seconds. Nearer than 1e-6 to a whole frame counts as whole; other fractions are rounded to 2^-28
/// of a frame, which removes the rounding of seconds: times that differ by whole frames keep equal fractions. [any thread]
double framesOf(double seconds, float sampleRate) noexcept;

}  // namespace backline::dsp
