#include "cpp/wav_file.h"

#include <sndfile.h>

#include <stdexcept>
#include <vector>

namespace examples {

void writeWav(const std::string& path, const backline::AudioBuffer& buffer) {
  const std::size_t channels = buffer.numberOfChannels(), frames = buffer.length();
  SF_INFO info{};
  info.samplerate = static_cast<int>(buffer.sampleRate());
  info.channels = static_cast<int>(channels);
  info.format = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  if (!file) throw std::runtime_error(path + " cannot be written: " + sf_strerror(nullptr));
  std::vector<float> interleaved(channels * frames);
  for (std::uint32_t c = 0; c < channels; ++c) {
    const auto samples = buffer.channel(c);
    for (std::size_t i = 0; i < frames; ++i) interleaved[i * channels + c] = samples[i];
  }
  const auto written = sf_writef_float(file, interleaved.data(), static_cast<sf_count_t>(frames));
  const bool closed = sf_close(file) == 0;
  if (written != static_cast<sf_count_t>(frames) || !closed) throw std::runtime_error(path + " could not be written whole");
}

}  // namespace examples
