#pragma once

#include <string>
#include <vector>

#include "dsp/spatial.h"

namespace backline::render {

enum Ear { kLeftEar, kRightEar };

/// Head-related responses as they were measured, taken apart into magnitude and delay, for tables at any sample rate.
struct HrtfMeasurements {
  struct Direction {
    dsp::Point unit;                     ///< where the source is: x right, y up, z behind
    std::vector<double> magnitudes[2];   ///< by ear: natural logarithms, `hertzPerBin` apart, from 0 Hz on
    double delays[2];                    ///< by ear: seconds, of which only differences mean something
  };
  std::vector<Direction> directions;
  double hertzPerBin = 0;
  double lowest = 0;                     ///< degrees: the least elevation that was measured
};

/// The file that they are read from: Debian's libmysofa1 brings it.
const std::string& hrtfFile();
/// Whether it is there to be read. [any thread]
bool hrtfFileExists();
/// Opens it, for a process that may open nothing later. Where that fails, hrtfMeasurements() tells. [any thread]
void openHrtfFile();

/// Reads and prepares them at the first call, which takes some tenths of a second; kept as long as the process. Throws std::runtime_error naming the
/// file. [any thread]
const HrtfMeasurements& hrtfMeasurements();

}  // namespace backline::render
