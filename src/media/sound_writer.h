#pragma once

#include <sndfile.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "media/sound_format.h"

namespace backline::media {

/// A sound file that is written as its sound comes, of any length. It appears under its name when it is whole; what was there before stays
/// until then. [one thread at a time]
class SoundWriter {
 public:
  /// `sampleRate` in Hz. Throws WriteFailure if the format cannot have the rate or the channels, or nothing can be written there.
  SoundWriter(std::string path, SoundFormat format, std::uint32_t sampleRate, std::uint32_t channels);
  ~SoundWriter();   ///< leaves nothing behind unless it was finished

  /// Channels × frames, 1 full scale; formats of whole numbers clip what is louder. Throws WriteFailure, and then nothing more can be written.
  void write(std::span<const float* const> channels, std::size_t frames);
  /// The file is whole: from here on it has its name. Throws WriteFailure.
  void finish();

  std::uint64_t frames() const { return frames_; }   ///< written

 private:
  struct Close {
    void operator()(SNDFILE* file) const { sf_close(file); }
  };
  [[noreturn]] void fail(int error);

  const std::string path_, partial_;
  const std::uint32_t channels_;
  std::unique_ptr<SNDFILE, Close> file_;
  std::vector<float> interleaved_;
  std::uint64_t frames_ = 0;
};

}  // namespace backline::media
