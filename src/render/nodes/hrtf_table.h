#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "render/nodes/hrtf_measurements.h"

namespace backline::render {

/// What both ears hear of one direction: convolution with `taps`, `delay` whole frames later.
struct EarFilters {
  std::vector<float> taps[2];
  std::size_t delay[2] = {0, 0};
};

/// Responses on a regular grid of directions, at one sample rate: minimum-phase filters and delays, each of which may be interpolated.
/// Immutable; shared by all panners of a process.
class HrtfTable {
 public:
  HrtfTable(const HrtfMeasurements& measured, float sampleRate);
  /// The one for a rate (Hz); made if no panner has it. Throws std::runtime_error if there are no measurements. [compile]
  static std::shared_ptr<const HrtfTable> of(float sampleRate);

  /// Of every filter.
  std::size_t taps() const { return length_ + kShiftTaps - 1; }
  std::size_t mostDelay() const { return mostDelay_; }
  /// Room for find().
  EarFilters makeFilters() const;
  /// Degrees, as Head::direction() says them. [render]
  void find(double azimuth, double elevation, EarFilters& filters) const noexcept;

 private:
  static constexpr std::size_t kColumns = 72, kRows = 19;   // every 5° around, every 10° from −90° to 90°
  static constexpr std::size_t kShiftTaps = 8, kShifts = 32;

  std::size_t nodeAt(std::size_t row, std::size_t column, unsigned ear) const { return (row * kColumns + column) * 2 + ear; }
  void makeNodes(const HrtfMeasurements& measured, double sampleRate);
  void makeShifts();
  void addShifted(const float* response, double share, double shift, std::vector<float>& taps) const noexcept;

  std::size_t length_;
  std::size_t mostDelay_ = 0;
  std::vector<float> responses_;   // nodes × length
  std::vector<float> delays_;      // of nodes, in frames
  std::vector<float> shifts_;      // kShifts + 1 fractions × kShiftTaps
};

}  // namespace backline::render
