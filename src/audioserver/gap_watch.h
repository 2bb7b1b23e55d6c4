#pragma once

#include <cstdint>

namespace backline::audioserver {

/// Finds by the clock that a source has lost frames of which it does not tell: from some instant on everything that it delivers is
/// later than its count says, and stays so. Lateness that is made up for is no loss, however long it was. [device]
class GapWatch {
 public:
  explicit GapWatch(double sampleRate) : sampleRate_(sampleRate) {}

  /// `frames` frames have come at `nanoseconds`. Returns how many were lost before them: 0 nearly always, and some seconds late.
  std::uint64_t arrived(std::int64_t nanoseconds, std::uint32_t frames) noexcept;
  /// Frames of whose loss the source told.
  void lost(std::uint64_t frames) noexcept { counted_ += frames; }

 private:
  void beginWindow(std::int64_t nanoseconds) noexcept;

  const double sampleRate_;
  std::uint64_t counted_ = 0;
  std::int64_t origin_ = 0;       // nanoseconds of the first arrival
  std::int64_t last_ = 0;
  std::int64_t windowBegan_ = 0;
  std::uint32_t arrivals_ = 0;    // in the window
  double least_ = 0;              // lateness in the window, seconds
  double usual_ = 0;              // least lateness of the window before
  bool known_ = false;            // there was one
};

}  // namespace backline::audioserver
