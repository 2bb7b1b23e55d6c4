#pragma once

#include <sndfile.h>

#include <cstddef>
#include <vector>

namespace backline::test {

/// A sound file in memory, written by libsndfile. `samples` are interleaved; `format` is libsndfile's.
std::vector<std::byte> writeSound(int format, int sampleRate, int channels, const std::vector<float>& samples);

/// `frames` frames of a sine in every channel, a different octave in each.
std::vector<float> sine(double frequency, int sampleRate, int channels, std::size_t frames);

}  // namespace backline::test
