#pragma once

#include <gtest/gtest.h>
#include <sndfile.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "media/recording_file.h"
#include "transport/ring_stream.h"

namespace backline::test {

/// A folder that goes with the test.
struct Folder {
  explicit Folder(std::filesystem::path at = std::filesystem::temp_directory_path()) : path(at / ("backline-recording-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directory(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
  std::size_t files() const { return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {})); }
  const std::filesystem::path path;
};

/// The counter's sample: exact in 24 bits and in float, below full scale, another one for each of 2²³ frames and the channels beside.
inline float counterAt(std::uint64_t frame, std::uint32_t channel = 0) {
  return static_cast<float>((frame + channel * 1000) % (1 << 23)) * 0x1p-23f;
}

inline std::vector<float> counter(std::uint64_t first, std::size_t frames, std::uint32_t channels = 1) {
  std::vector<float> samples(frames * channels);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = counterAt(first + i / channels, static_cast<std::uint32_t>(i % channels));
  return samples;
}

/// What libsndfile reads of a file, interleaved.
struct Heard {
  explicit Heard(const std::string& path) {
    SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
    if (file == nullptr) {
      ADD_FAILURE() << path << ": " << sf_strerror(nullptr);
      return;
    }
    samples.resize(static_cast<std::size_t>(info.frames * info.channels));
    const sf_count_t got = sf_readf_float(file, samples.data(), info.frames);
    EXPECT_EQ(got, info.frames) << path << ": frames that its header promises";
    frames = static_cast<std::size_t>(got);
    SF_CUES marks{};
    if (sf_command(file, SFC_GET_CUE, &marks, sizeof marks) == SF_TRUE) cues.assign(marks.cue_points, marks.cue_points + marks.cue_count);
    for (int field = SF_STR_FIRST; field <= SF_STR_LAST; ++field)
      if (const char* text = sf_get_string(file, field)) strings += std::string(text) + "\n";
    SF_BROADCAST_INFO broadcast{};
    if (sf_command(file, SFC_GET_BROADCAST_INFO, &broadcast, sizeof broadcast) == SF_TRUE) {
      description.assign(broadcast.description, strnlen(broadcast.description, sizeof broadcast.description));
      reference = std::uint64_t{broadcast.time_reference_high} << 32 | broadcast.time_reference_low;
    }
    sf_close(file);
  }
  SF_INFO info{};
  std::size_t frames = 0;
  std::vector<float> samples;
  std::vector<SF_CUE_POINT> cues;
  std::string strings, description;
  std::uint64_t reference = 0;
};

/// Frames from `from` on that are not the counter's from `first` on.
inline std::size_t wrongFrames(const Heard& heard, std::size_t from, std::size_t frames, std::uint64_t first) {
  const auto channels = static_cast<std::uint32_t>(heard.info.channels);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < frames; ++i)
    for (std::uint32_t c = 0; c < channels; ++c) wrong += (from + i) * channels + c >= heard.samples.size() || heard.samples[(from + i) * channels + c] != counterAt(first + i, c);
  return wrong;
}

inline std::string textOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class Call>
std::string failureOf(Call call) {
  try {
    call();
  } catch (const media::WriteFailure& failure) {
    return failure.what();
  }
  return "";
}

}  // namespace backline::test
