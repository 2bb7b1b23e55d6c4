#pragma once

#include <initializer_list>
#include <span>
#include <string>

#include "control/errors.h"
#include "render/node.h"

namespace backline {

/// A number for a message: "0.5", "-3".
std::string textOf(double number);

/// Throws TypeError naming `what` unless `value` is finite, as Web IDL does for float and double.
void requireFinite(double value, const char* what);
/// The same for the arguments of one call, so that a bad one leaves all that they would set as it was.
void requireAllFinite(std::initializer_list<float> values, const char* what);
/// Throws TypeError for a value that is not finite, RangeError for a negative one.
void requireTime(double value, const char* what);
/// Throws NotSupportedError outside the supported rates (Web Audio §2.3).
void requireSampleRate(double sampleRate, const char* what);
/// Throws NotSupportedError outside 1 … kMaxChannels.
void requireChannels(std::uint32_t channels, const char* what);
/// Throws NotSupportedError for more than two channels, or none: the channelCount constraint of several nodes (Web Audio §1.5.3).
void requireMonoOrStereo(std::uint32_t channels, const char* what);
/// Throws NotSupportedError for "max": the channelCountMode constraint of the same nodes.
void requireBoundedMode(render::ChannelCountMode mode, const char* what);
/// Throws InvalidAccessError unless the arrays of getFrequencyResponse are equally long.
void requireResponseArrays(std::span<const float> frequencyHz, std::span<const float> magResponse, std::span<const float> phaseResponse);
/// getFrequencyResponse of the filter b over a: NaN for frequencies outside 0 … half the rate (Hz).
void fillResponse(std::span<const double> b, std::span<const double> a, double sampleRate, std::span<const float> frequencyHz,
                  std::span<float> magResponse, std::span<float> phaseResponse);
/// `count` as a node's argument. Throws IndexSizeError outside 1 … kMaxChannels.
double requireIndexCount(std::uint32_t count, const char* what);
/// Throws NotSupportedError outside 1 … 6 s (Web Audio §2.4).
void requireQuantum(std::uint32_t quantum, float sampleRate, const char* what);

}  // namespace backline
