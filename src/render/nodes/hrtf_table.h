#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "render/nodes/hrtf_measurements.h"

namespace backline::render {

/// What both ears hear of one direction: convolution with `taps`, `delay` whole frames later.
struct EarFilters {
  std::vector<float> taps[2];
  std::size_t delay[2] = {0, 0};
};

/// Responses on a regular grid of directions, at one sample rate: minimum-phase filters and delays, each of which may be interpolated.
/// Immutable once made; shared by all panners of a process.
class HrtfTable {
 public:
  /// Begins to make it on a thread of its own, as that takes a while. [compile]
  explicit HrtfTable(float sampleRate);
  ~HrtfTable();
  /// The one for a rate (Hz); begun if no panner has it. [compile]
  static std::shared_ptr<const HrtfTable> of(float sampleRate);

  /// Never if there are no measurements. [render]
  bool isMade() const noexcept { return state_.load(std::memory_order_acquire) == State::made; }
  /// Until it is made. Throws std::runtime_error if there are no measurements. [compile]
  void wait() const;

  /// Of every filter.
  std::size_t taps() const { return length_ + kShiftTaps - 1; }
  std::size_t mostDelay() const { return mostDelay_; }
  /// Room for find().
  EarFilters makeFilters() const;
  /// Of a table that is made. Degrees, as Head::direction() says them. [render]
  void find(double azimuth, double elevation, EarFilters& filters) const noexcept;

 private:
  static constexpr std::size_t kColumns = 72, kRows = 19;   // every 5° around, every 10° from −90° to 90°
  static constexpr std::size_t kShiftTaps = 8, kShifts = 32;

  std::size_t nodeAt(std::size_t row, std::size_t column, unsigned ear) const { return (row * kColumns + column) * 2 + ear; }
  void make(const std::stop_token& stopped, float sampleRate);
  void makeNodes(const HrtfMeasurements& measured, double sampleRate, const std::stop_token& stopped);
  void makeDelays(double sampleRate);
  void makeShifts();
  void addShifted(const float* response, double share, double shift, std::vector<float>& taps) const noexcept;

  const std::size_t length_, mostDelay_;
  std::vector<float> responses_;   // nodes × length
  std::vector<float> delays_;      // of nodes, in frames
  std::vector<float> shifts_;      // kShifts + 1 fractions × kShiftTaps

  enum class State { begun, made, failed };
  std::atomic<State> state_{State::begun};
  std::string error_;    // once it has failed
  std::jthread maker_;   // last: starts when everything else is there
};

}  // namespace backline::render
