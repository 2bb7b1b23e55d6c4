#include "control/checks.h"

#include <limits>

#include "dsp/biquad.h"

#include <cmath>
#include <cstdio>

#include "render/block.h"

namespace backline {

namespace {
constexpr double kLowestSampleRate = 3000;     // Hz
constexpr double kHighestSampleRate = 768000;  // Hz
constexpr double kLongestQuantum = 6;          // seconds
}  // namespace

std::string textOf(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", number);
  return text;
}

void requireFinite(double value, const char* what) {
  if (!std::isfinite(value)) throw TypeError(std::string(what) + " must be a finite number, not " + textOf(value));
}

void requireAllFinite(std::initializer_list<float> values, const char* what) {
  for (const float value : values) requireFinite(value, what);
}

void requireTime(double value, const char* what) {
  requireFinite(value, what);
  if (value < 0) throw RangeError(std::string(what) + " must not be negative: " + textOf(value));
}

void requireSampleRate(double sampleRate, const char* what) {
  if (sampleRate >= kLowestSampleRate && sampleRate <= kHighestSampleRate) return;
  throw DomException("NotSupportedError", std::string(what) + " must be between " + textOf(kLowestSampleRate) +
                                              " and " + textOf(kHighestSampleRate) + " Hz, not " +
                                              textOf(sampleRate));
}

void requireChannels(std::uint32_t channels, const char* what) {
  if (channels >= 1 && channels <= render::kMaxChannels) return;
  throw DomException("NotSupportedError", std::string(what) + " must be between 1 and " +
                                              std::to_string(render::kMaxChannels) + ", not " +
                                              std::to_string(channels));
}

void requireMonoOrStereo(std::uint32_t channels, const char* what) {
  if (channels == 1 || channels == 2) return;
  throw DomException("NotSupportedError", std::string(what) + " must be 1 or 2, not " + std::to_string(channels));
}

void requireBoundedMode(render::ChannelCountMode mode, const char* what) {
  if (mode != render::ChannelCountMode::max) return;
  throw DomException("NotSupportedError", std::string(what) + " must not be \"max\"");
}

void requireQuantum(std::uint32_t quantum, float sampleRate, const char* what) {
  const auto longest = static_cast<std::uint32_t>(std::floor(kLongestQuantum * sampleRate));
  if (quantum >= 1 && quantum <= longest) return;
  throw DomException("NotSupportedError", std::string(what) + " must be between 1 and " +
                                              std::to_string(longest) + " frames, not " +
                                              std::to_string(quantum));
}

void requireResponseArrays(std::span<const float> frequencyHz, std::span<const float> magResponse, std::span<const float> phaseResponse) {
  if (frequencyHz.size() == magResponse.size() && frequencyHz.size() == phaseResponse.size()) return;
  throw DomException("InvalidAccessError", "frequencyHz, magResponse and phaseResponse of getFrequencyResponse must be equally long: " +
                                               std::to_string(frequencyHz.size()) + ", " + std::to_string(magResponse.size()) + " and " +
                                               std::to_string(phaseResponse.size()));
}

void fillResponse(std::span<const double> b, std::span<const double> a, double sampleRate, std::span<const float> frequencyHz,
                  std::span<float> magResponse, std::span<float> phaseResponse) {
  for (std::size_t i = 0; i < frequencyHz.size(); ++i) {
    const double frequency = frequencyHz[i] / sampleRate;
    if (frequency >= 0 && frequency <= 0.5) {
      dsp::response(b, a, frequency, magResponse[i], phaseResponse[i]);
    } else {
      magResponse[i] = phaseResponse[i] = std::numeric_limits<float>::quiet_NaN();
    }
  }
}

double requireIndexCount(std::uint32_t count, const char* what) {
  if (count < 1 || count > render::kMaxChannels) {
    throw DomException("IndexSizeError", std::string(what) + " must be between 1 and " + std::to_string(render::kMaxChannels) + ", not " +
                                             std::to_string(count));
  }
  return count;
}

}  // namespace backline
