#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "tests/media/sound_files.h"

namespace backline::test {

/// Bytes on disk, as long as this object lives.
class MediaFile {
 public:
  MediaFile(const std::string& name, const std::vector<std::byte>& bytes)
      : path_(std::filesystem::temp_directory_path() / ("backline-media-" + std::to_string(getpid()) + "-" + name)) {
    std::ofstream(path_, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  ~MediaFile() { std::filesystem::remove(path_); }
  MediaFile(const MediaFile&) = delete;
  MediaFile& operator=(const MediaFile&) = delete;
  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Frames that say where they stand, in 24 bits: channel c of frame f.
inline float numberedSample(std::size_t frame, int channel) {
  return static_cast<float>(static_cast<double>((frame * 7 + static_cast<std::size_t>(channel) * 3) % 1000003) / 1048576.0 - 0.45);
}

inline std::vector<float> numberedSamples(std::size_t frames, int channels) {
  std::vector<float> samples;
  for (std::size_t f = 0; f < frames; ++f)
    for (int c = 0; c < channels; ++c) samples.push_back(numberedSample(f, c));
  return samples;
}

}  // namespace backline::test
