#pragma once

#include <string>
#include <vector>

namespace backline::media {

/// What was found in a sound file, and done.
struct Repair {
  std::string holds;                   ///< what it holds now, for people
  std::vector<std::string> findings;   ///< what was wrong; empty: nothing, and nothing was done
  std::string backup;                  ///< where the file is as it was; empty: nowhere
};

/// Mends a WAV, RF64, FLAC or Ogg file that broke off: its sizes are made true, what is left of a torn frame or page is cut off. The mended file takes the
/// place of the damaged one, which stays beside it, byte for byte; `inPlace`: it is mended itself, which takes no disk space. A file that is whole
/// is left alone. Throws WriteFailure naming the file if it is none of those, cannot be mended, or is being recorded; then nothing has changed.
Repair repairSoundFile(const std::string& path, bool inPlace);

}  // namespace backline::media
