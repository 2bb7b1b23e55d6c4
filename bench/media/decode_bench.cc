// What it costs to decode in another process: a short sound, for which that is most of the time, and a long one.

#include <benchmark/benchmark.h>

#include "media/decode.h"
#include "media/decoder.h"
#include "tests/media/sound_files.h"

namespace backline {
namespace {

constexpr int kRate = 44100;

struct Sound {
  const char* name;
  int format;
  double seconds;
  float decodedRate;   // Hz
};

constexpr Sound kSounds[] = {{"wav_100_ms", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 0.1, kRate},
                             {"mp3_1_s", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 1, kRate},
                             {"flac_3_min", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 180, kRate},
                             {"wav_3_min", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 180, kRate},
                             {"wav_3_min_resampled", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 180, 48000}};

std::vector<std::byte> bytesOf(const Sound& sound) {
  return test::writeSound(sound.format, kRate, 2, test::sine(440, kRate, 2, static_cast<std::size_t>(sound.seconds * kRate)));
}

void inProcess(benchmark::State& state, const Sound& sound) {
  const auto bytes = bytesOf(sound);
  for (auto _ : state) benchmark::DoNotOptimize(media::decodeAudioDataInProcess(bytes, sound.decodedRate));
}

void away(benchmark::State& state, const Sound& sound) {
  const auto bytes = bytesOf(sound);
  media::Decoder decoder({.command = {BACKLINE_DECODE}});
  decoder.decodeAudioData(bytes, sound.decodedRate);   // starts the helper
  for (auto _ : state) benchmark::DoNotOptimize(decoder.decodeAudioData(bytes, sound.decodedRate));
}

void awayWithStart(benchmark::State& state, const Sound& sound) {
  const auto bytes = bytesOf(sound);
  for (auto _ : state) {
    media::Decoder decoder({.command = {BACKLINE_DECODE}});
    benchmark::DoNotOptimize(decoder.decodeAudioData(bytes, sound.decodedRate));
  }
}

const bool kRegistered = [] {
  for (const Sound& sound : kSounds) {
    const std::string name = sound.name;
    benchmark::RegisterBenchmark((name + "/in_process").c_str(), inProcess, sound)->Unit(benchmark::kMillisecond)->UseRealTime();
    benchmark::RegisterBenchmark((name + "/away").c_str(), away, sound)->Unit(benchmark::kMillisecond)->UseRealTime();
  }
  benchmark::RegisterBenchmark("wav_100_ms/away_with_start", awayWithStart, kSounds[0])->Unit(benchmark::kMillisecond)->UseRealTime();
  return true;
}();

}  // namespace
}  // namespace backline
