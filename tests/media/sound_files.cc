#include "tests/media/sound_files.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <stdexcept>

namespace backline::test {

namespace {

struct Memory {
  std::vector<std::byte> bytes;
  sf_count_t position = 0;
};

SF_VIRTUAL_IO ioOverMemory() {
  SF_VIRTUAL_IO io{};
  io.get_filelen = [](void* user) { return static_cast<sf_count_t>(static_cast<Memory*>(user)->bytes.size()); };
  io.seek = [](sf_count_t offset, int whence, void* user) {
    auto& memory = *static_cast<Memory*>(user);
    const auto size = static_cast<sf_count_t>(memory.bytes.size());
    memory.position = offset + (whence == SEEK_CUR ? memory.position : whence == SEEK_END ? size : 0);
    return memory.position;
  };
  io.read = [](void* out, sf_count_t count, void* user) {
    auto& memory = *static_cast<Memory*>(user);
    count = std::clamp<sf_count_t>(static_cast<sf_count_t>(memory.bytes.size()) - memory.position, 0, count);
    std::memcpy(out, memory.bytes.data() + memory.position, static_cast<std::size_t>(count));
    memory.position += count;
    return count;
  };
  io.write = [](const void* in, sf_count_t count, void* user) {
    auto& memory = *static_cast<Memory*>(user);
    const auto end = static_cast<std::size_t>(memory.position + count);
    memory.bytes.resize(std::max(memory.bytes.size(), end));
    std::memcpy(memory.bytes.data() + memory.position, in, static_cast<std::size_t>(count));
    memory.position += count;
    return count;
  };
  io.tell = [](void* user) { return static_cast<Memory*>(user)->position; };
  return io;
}

}  // namespace

std::vector<std::byte> writeSound(int format, int sampleRate, int channels, const std::vector<float>& samples) {
  Memory memory;
  SF_VIRTUAL_IO io = ioOverMemory();
  SF_INFO info{};
  info.format = format;
  info.samplerate = sampleRate;
  info.channels = channels;
  SNDFILE* file = sf_open_virtual(&io, SFM_WRITE, &info, &memory);
  if (!file) throw std::runtime_error(std::string("libsndfile: ") + sf_strerror(nullptr));
  const auto frames = static_cast<sf_count_t>(samples.size()) / channels;
  // Its Vorbis encoder keeps all it is given at once on the stack.
  for (sf_count_t done = 0; done < frames; done += 4096) {
    const sf_count_t count = std::min<sf_count_t>(4096, frames - done);
    if (sf_writef_float(file, samples.data() + done * channels, count) != count) throw std::runtime_error("libsndfile: short write");
  }
  sf_close(file);
  return memory.bytes;
}

std::vector<float> sine(double frequency, int sampleRate, int channels, std::size_t frames) {
  std::vector<float> samples(frames * static_cast<std::size_t>(channels));
  for (std::size_t i = 0; i < frames; ++i) {
    for (int c = 0; c < channels; ++c) {
      const double phase = 2 * std::numbers::pi * std::ldexp(frequency, c % 3) * static_cast<double>(i) / sampleRate;
      samples[i * static_cast<std::size_t>(channels) + static_cast<std::size_t>(c)] = static_cast<float>(0.5 * std::sin(phase));
    }
  }
  return samples;
}

}  // namespace backline::test
