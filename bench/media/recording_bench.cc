// What it costs to record: processor and memory of a live recording, memory over many hours that pass faster than real time, and a file of more than 4 GB.

#include <sndfile.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <numbers>
#include <random>
#include <string>
#include <thread>

#include "media/recording.h"

namespace backline {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kUsage = R"(Usage: recording_bench live|hours|large [--format NAME] [--channels N] [--rate HZ] [--seconds N] [--hours N] [--gigabytes N] [--folder PATH]

  live   records N seconds (10) of N channels (8) at HZ (96000) in real time; tells the processor time of the recording thread, and memory
  hours  records N hours (10) of N channels (2) at HZ (48000) as fast as it goes, in files of ten minutes that are removed again; tells memory as it goes
  large  records a WAV file of N gigabytes (4.4) as fast as it goes, reads it with libsndfile, sox and ffprobe, and removes it
)";

struct Options {
  std::map<std::string, std::string> values;
  double number(const std::string& name, double otherwise) const { return values.contains(name) ? std::stod(values.at(name)) : otherwise; }
  std::string text(const std::string& name, const std::string& otherwise) const { return values.contains(name) ? values.at(name) : otherwise; }
};

double seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// kB of /proc/self/status.
long memory(const char* what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(what)) return std::stol(line.substr(std::strlen(what) + 1));
  return 0;
}

float counterAt(std::uint64_t frame) { return static_cast<float>(frame % (1 << 23)) * 0x1p-23f; }

/// A source that counts, its ring of twenty seconds, and what records it.
struct Rig {
  Rig(const Options& options, std::uint32_t channels, std::uint32_t rate, media::RecordingOptions wanted)
      : folder(std::filesystem::path(options.text("folder", std::filesystem::temp_directory_path())) / ("backline-recording-bench-" + std::to_string(getpid()))),
        channels(channels), rate(rate), writer(transport::createRingStream("bench", {channels, static_cast<float>(rate), 20 * rate})), block(std::size_t{rate} / 100 * channels) {
    std::filesystem::create_directory(folder);
    writer.setState(transport::WriterState::running);
    wanted.path = (folder / ("take." + options.text("format", "wav"))).string();
    wanted.format = media::soundFormat(options.text("format", "wav"));
    recording = std::make_unique<media::Recording>(wanted, transport::RingReader(transport::SharedMemory::map(writer.memory().fd().duplicate())));
  }
  ~Rig() {
    recording.reset();
    std::filesystem::remove_all(folder);
  }
  /// Ten milliseconds of the counter, when there is room for them.
  void play() {
    const std::uint32_t frames = rate / 100;
    for (std::uint32_t i = 0; i < frames; ++i)
      for (std::uint32_t c = 0; c < channels; ++c) block[std::size_t{i} * channels + c] = counterAt(played + i);
    write();
  }
  /// The same of a tone and noise, another in each channel, which encoders have to work at.
  void playTones() {
    for (std::size_t i = 0; i < block.size(); ++i) {
      const auto channel = static_cast<double>(i % channels);
      const double time = static_cast<double>(played + i / channels) / rate;
      block[i] = static_cast<float>(0.3 * std::sin(2 * std::numbers::pi * (220 + 55 * channel) * time) + 0.05 * noise(random));
    }
    write();
  }
  void write() {
    const std::uint32_t frames = rate / 100;
    while (writer.space() < frames) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    writer.write(block.data(), frames);
    played += frames;
  }
  media::RecordingStatus end() {
    recording->stop();
    recording->wait();
    return recording->status();
  }

  const std::filesystem::path folder;
  const std::uint32_t channels, rate;
  transport::RingWriter writer;
  std::vector<float> block;
  std::minstd_rand random;
  std::normal_distribution<double> noise;
  std::uint64_t played = 0;
  std::unique_ptr<media::Recording> recording;
};

int verdict(const media::RecordingStatus& status, std::uint64_t played) {
  if (!status.failure.empty()) std::printf("%s\n", status.failure.c_str());
  if (status.failure.empty() && status.frames == played && status.gaps == 0) return 0;
  std::printf("of %llu frames %llu were recorded, with %llu gaps\n", static_cast<unsigned long long>(played), static_cast<unsigned long long>(status.frames),
              static_cast<unsigned long long>(status.gaps));
  return 1;
}

int live(const Options& options) {
  const double length = options.number("seconds", 10);
  Rig rig(options, static_cast<std::uint32_t>(options.number("channels", 8)), static_cast<std::uint32_t>(options.number("rate", 96000)), {});
  const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - seconds(CLOCK_THREAD_CPUTIME_ID);
  const auto begin = Clock::now();
  for (auto next = begin; std::chrono::duration<double>(next - begin).count() < length; next += std::chrono::milliseconds(10)) {
    std::this_thread::sleep_until(next);
    rig.playTones();
  }
  const double spent = seconds(CLOCK_PROCESS_CPUTIME_ID) - seconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
  const long own = memory("RssAnon:");
  const double ring = static_cast<double>(rig.writer.format().capacityFrames) * rig.channels * sizeof(float);
  const media::RecordingStatus status = rig.end();
  std::printf("%s, %u channels at %u Hz, %.1f s: %.2f %% of a core, %.1f MB of its own, a ring of %.1f MB, at most %.3f s waited in it, %.1f MB written\n",
              options.text("format", "wav").c_str(), rig.channels, rig.rate, length, 100 * spent / length, static_cast<double>(own) / 1e3, ring / 1e6,
              static_cast<double>(status.mostWaiting) / rig.rate, static_cast<double>(status.bytes) / 1e6);
  return verdict(status, rig.played);
}

int hours(const Options& options) {
  constexpr int kLooks = 10;
  const double length = options.number("hours", 10) * 3600;
  const auto rate = static_cast<std::uint32_t>(options.number("rate", 48000));
  Rig rig(options, static_cast<std::uint32_t>(options.number("channels", 2)), rate, {.splitFrames = std::uint64_t{rate} * 600});
  const auto begin = Clock::now();
  std::size_t removed = 0;
  long first = 0, last = 0;
  for (int look = 1; look <= kLooks; ++look) {
    while (static_cast<double>(rig.played) / rate < length * look / kLooks) rig.play();
    const auto files = rig.recording->status().files;
    for (; removed + 1 < files.size(); ++removed) std::filesystem::remove(files[removed]);
    last = memory("RssAnon:");
    if (look == 2) first = last;
    std::printf("%7.2f h of sound, %6.1f s: %ld kB of its own\n", length * look / kLooks / 3600, std::chrono::duration<double>(Clock::now() - begin).count(), last);
    std::fflush(stdout);
  }
  const media::RecordingStatus status = rig.end();
  std::printf("grown by %ld kB since the first fifth\n", last - first);
  return verdict(status, rig.played) != 0 || last - first > 2000 ? 1 : 0;
}

/// Reads a file with libsndfile, every frame; false if one is not the counter's.
bool isCounter(const std::string& path, std::uint64_t frames, std::uint32_t channels) {
  SF_INFO info{};
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (file == nullptr || static_cast<std::uint64_t>(info.frames) != frames) return false;
  std::vector<float> block(std::size_t{1 << 16} * channels);
  std::uint64_t read = 0;
  bool right = true;
  while (const sf_count_t got = sf_readf_float(file, block.data(), 1 << 16)) {
    for (sf_count_t i = 0; i < got; ++i)
      for (std::uint32_t c = 0; c < channels; ++c) right = right && block[static_cast<std::size_t>(i) * channels + c] == counterAt(read + static_cast<std::uint64_t>(i));
    read += static_cast<std::uint64_t>(got);
  }
  sf_close(file);
  return right && read == frames;
}

int large(const Options& options) {
  const double bytes = options.number("gigabytes", 4.4) * 1e9;
  Rig rig(options, static_cast<std::uint32_t>(options.number("channels", 8)), static_cast<std::uint32_t>(options.number("rate", 96000)), {});
  const auto begin = Clock::now();
  while (static_cast<double>(rig.played) * rig.channels * sizeof(float) < bytes) rig.play();
  const media::RecordingStatus status = rig.end();
  const std::string path = status.files.front();
  std::ifstream file(path, std::ios::binary);
  std::string id(4, ' ');
  file.read(id.data(), 4);
  const bool right = isCounter(path, rig.played, rig.channels);
  std::printf("%.2f GB in %.1f s: %s; read with libsndfile %s\n", static_cast<double>(status.bytes) / 1e9, std::chrono::duration<double>(Clock::now() - begin).count(), id.c_str(),
              right ? "it is the counter, frame for frame" : "it is NOT the counter");
  std::fflush(stdout);
  for (const std::string command : {"sox --i ", "ffprobe -v error -show_entries format=duration,size -of default=nw=1 "})
    if (std::system((command + path + " 2>&1").c_str()) != 0) std::printf("%s fails\n", command.c_str());
  return verdict(status, rig.played) != 0 || !right ? 1 : 0;
}

int main(int count, char** arguments) {
  Options options;
  const std::string what = count > 1 ? arguments[1] : "";
  for (int i = 2; i + 1 < count; i += 2) options.values[arguments[i] + 2] = arguments[i + 1];
  if (what == "live") return live(options);
  if (what == "hours") return hours(options);
  if (what == "large") return large(options);
  std::fputs(kUsage, stderr);
  return 2;
}

}  // namespace
}  // namespace backline

int main(int count, char** arguments) { return backline::main(count, arguments); }
