#include "media/media_pump.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <thread>

#include "tests/media/decoding.h"
#include "tests/media/media_files.h"

namespace backline {
namespace {

using media::MediaPump;
using media::PumpState;
using test::MediaFile;
using test::numberedSamples;
using test::sine;
using test::writeSound;
using transport::RingReader;
using transport::SharedMemory;

constexpr int kFloatWav = SF_FORMAT_WAV | SF_FORMAT_FLOAT;

/// A pump and the reader of its ring.
struct Rig {
  explicit Rig(const std::string& path, float rate = 48000, std::uint32_t capacity = 4096) : pump(test::decodeHelper(), media::locate(path), [] {}) {
    EXPECT_TRUE(comes([](const PumpState& state) { return state.opened || state.failure; }));
    const auto info = pump.state().info;
    SharedMemory ring = transport::createRingStream("test", {info.channels ? info.channels : 1, rate, capacity, transport::Overflow::refuse});
    reader = RingReader(SharedMemory::map(ring.fd().duplicate()));
    pump.setRing(std::move(ring), 0);
  }
  template <class Condition>
  bool comes(Condition condition) {
    for (int i = 0; i < 20000; ++i) {
      if (condition(pump.state())) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  void place(double seconds) {
    pump.place(++number, seconds);
    ASSERT_TRUE(comes([this](const PumpState& state) { return state.placed == number; }));
    skip();
    pump.setPlaying(true);
  }
  void skip() {
    const std::uint64_t from = pump.state().from;
    while (reader.consumed() < from) reader.skip(static_cast<std::uint32_t>(from - reader.consumed()));
  }
  /// Up to so many frames; fewer only at the end.
  std::vector<float> read(std::size_t frames) {
    const std::size_t channels = reader.format().channels;
    std::vector<float> samples(frames * channels);
    std::size_t done = 0;
    for (int idle = 0; done < frames && idle < 20000;) {
      const auto got = reader.read(samples.data() + done * channels, static_cast<std::uint32_t>(std::min<std::size_t>(frames - done, 1024)));
      done += got;
      if (got > 0) idle = 0;
      else if (++idle && pump.state().playedOut) break;
      else std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    samples.resize(done * channels);
    return samples;
  }

  MediaPump pump;
  RingReader reader;
  std::uint32_t number = 0;
};

double crossingsPerSecond(const std::vector<float>& samples, double rate) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) count += samples[i - 1] < 0 && samples[i] >= 0;
  return static_cast<double>(count) * rate / static_cast<double>(samples.size());
}

TEST(MediaPump, GivesEveryFrameOnceThenSaysThatItWasPlayedOut) {
  const auto samples = numberedSamples(60'000, 2);
  const MediaFile file("pump.wav", writeSound(kFloatWav, 48000, 2, samples));
  Rig rig(file.path());
  rig.place(0);
  EXPECT_EQ(rig.read(70'000), samples);
  EXPECT_TRUE(rig.comes([](const PumpState& state) { return state.playedOut; }));
  EXPECT_DOUBLE_EQ(rig.pump.position(), 1.25);
}

TEST(MediaPump, WaitsWhileTheRingIsFull) {
  const auto samples = numberedSamples(60'000, 1);
  const MediaFile file("waits.wav", writeSound(kFloatWav, 48000, 1, samples));
  Rig rig(file.path());
  rig.place(0);
  ASSERT_TRUE(rig.comes([&](const PumpState&) { return rig.reader.available() > 4096 - 256; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(rig.reader.available(), 4096u);
  EXPECT_FALSE(rig.pump.state().playedOut);
  EXPECT_EQ(rig.pump.position(), 0);
  rig.read(480);
  EXPECT_DOUBLE_EQ(rig.pump.position(), 0.01) << "counts what is taken, not what is decoded";
}

TEST(MediaPump, GoesOnAtTheVeryFrameItIsPlacedAt) {
  const auto samples = numberedSamples(200'000, 1);
  const MediaFile file("placed.flac", writeSound(SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 44100, 1, samples));
  Rig rig(file.path(), 44100);
  for (const int frame : {100'000, 3, 199'000, 44'101}) {
    rig.place(frame / 44100.0);
    const auto part = rig.read(900);
    ASSERT_EQ(part.size(), 900u);
    for (std::size_t i = 0; i < part.size(); ++i) ASSERT_NEAR(part[i], samples[static_cast<std::size_t>(frame) + i], 1e-6) << frame << " + " << i;
    EXPECT_NEAR(rig.pump.position(), (frame + 900) / 44100.0, 1e-9);
  }
}

TEST(MediaPump, LoopsWithoutAGap) {
  const auto samples = numberedSamples(5'000, 2);
  const MediaFile file("loop.wav", writeSound(kFloatWav, 48000, 2, samples));
  Rig rig(file.path());
  rig.pump.setLoop(true);
  rig.place(0);
  const auto heard = rig.read(33'000);
  ASSERT_EQ(heard.size(), 66'000u);
  for (std::size_t i = 0; i < heard.size(); ++i) ASSERT_EQ(heard[i], samples[i % samples.size()]) << "frame " << i / 2;
  EXPECT_TRUE(rig.comes([](const PumpState& state) { return state.loops == 6; }));
  EXPECT_NEAR(rig.pump.position(), 3000 / 48000.0, 1e-9);
  ASSERT_TRUE(rig.comes([&rig](const PumpState&) { return rig.reader.available() > 2'000; })) << "a further round is in the ring";
  const auto until = rig.pump.setLoop(false);
  ASSERT_TRUE(until.has_value());
  EXPECT_EQ(*until, 35'000u) << "it ends with the round that is being played";
  rig.read(static_cast<std::size_t>(*until - rig.reader.consumed()));
  EXPECT_TRUE(rig.comes([](const PumpState& state) { return state.playedOut; }));
}

TEST(MediaPump, GoesOnInALoopThatWasAskedForNearTheEnd) {
  const auto samples = numberedSamples(3'000, 1);
  const MediaFile file("late loop.wav", writeSound(kFloatWav, 48000, 1, samples));
  Rig rig(file.path());
  rig.place(0);
  ASSERT_TRUE(rig.comes([&](const PumpState&) { return rig.reader.available() == 3000; })) << "all is in the ring";
  rig.pump.setLoop(true);
  const auto heard = rig.read(12'000);
  ASSERT_EQ(heard.size(), 12'000u);
  for (std::size_t i = 0; i < heard.size(); ++i) ASSERT_EQ(heard[i], samples[i % 3000]) << i;
}

TEST(MediaPump, ChangesTheSpeedWithThePitchOrWithoutIt) {
  const MediaFile file("speed.wav", writeSound(kFloatWav, 44100, 1, sine(441, 44100, 1, 4 * 44100)));
  for (const bool preserves : {true, false}) {
    Rig rig(file.path(), 48000);
    rig.pump.setSpeed(1.5, preserves);
    rig.place(0);
    const auto heard = rig.read(400'000);
    const double seconds = static_cast<double>(heard.size()) / 48000;
    EXPECT_NEAR(seconds, 4 / 1.5, 0.1) << preserves;
    EXPECT_NEAR(crossingsPerSecond(heard, 48000), preserves ? 441 : 441 * 1.5, 12) << preserves;
  }
}

TEST(MediaPump, ConvertsTheRateWithoutMovingTheSound) {
  const MediaFile file("rate.wav", writeSound(kFloatWav, 44100, 1, sine(1000, 44100, 1, 44100)));
  Rig rig(file.path(), 48000);
  rig.place(0);
  const auto heard = rig.read(60'000);
  ASSERT_NEAR(static_cast<double>(heard.size()), 48000, 32);
  float worst = 0;
  for (std::size_t i = 500; i < 47'000; ++i) worst = std::max(worst, std::abs(heard[i] - 0.5f * static_cast<float>(std::sin(2 * M_PI * 1000 * static_cast<double>(i) / 48000))));
  EXPECT_LT(worst, 1e-4f);
}

TEST(MediaPump, TellsOfATruncatedFileOnceWhatItHasWasPlayed) {
  auto bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, numberedSamples(48000, 1));
  bytes.resize(44 + 2 * 30'000);
  const MediaFile file("cut.wav", bytes);
  Rig rig(file.path());
  rig.place(0);
  EXPECT_EQ(rig.read(48'000).size(), 30'000u);
  EXPECT_TRUE(rig.comes([](const PumpState& state) { return state.failure && state.playedOut; }));
  EXPECT_NE(std::string(rig.pump.state().failure->what()).find("truncated"), std::string::npos);
}

TEST(MediaPump, EndsAtOnceWhateverItIsDoing) {
  const MediaFile file("ends.mp3", writeSound(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, 2, sine(300, 44100, 2, 30 * 44100)));
  for (int i = 0; i < 30; ++i) {
    MediaPump pump(test::decodeHelper(), media::locate(file.path()), [] {});
    if (i % 3 == 0) continue;
    pump.setRing(transport::createRingStream("test", {2, 48000, 1024, transport::Overflow::refuse}), 0);
    for (std::uint32_t place = 1; place < 5; ++place) pump.place(place, (i * 7 + place * 5) % 30);
    std::this_thread::sleep_for(std::chrono::milliseconds(i % 5));
  }
}

long residentKilobytes() {
  std::FILE* status = std::fopen("/proc/self/statm", "r");
  long size = 0, resident = 0;
  const int got = std::fscanf(status, "%ld %ld", &size, &resident);
  std::fclose(status);
  return got == 2 ? resident * 4 : -1;
}

TEST(MediaPump, PlaysALongFileInConstantMemory) {
  // An hour of silence, which takes no room on the disk.
  constexpr std::size_t kFrames = 3600 * 48000;
  auto bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, std::vector<float>(1));
  bytes.resize(44);
  const auto setSize = [&](std::size_t at, std::uint32_t value) { std::memcpy(bytes.data() + at, &value, 4); };
  setSize(4, static_cast<std::uint32_t>(36 + kFrames * 2));
  setSize(40, static_cast<std::uint32_t>(kFrames * 2));
  const MediaFile file("an hour.wav", bytes);
  std::filesystem::resize_file(file.path(), 44 + kFrames * 2);
  Rig rig(file.path(), 48000, 1 << 15);
  EXPECT_DOUBLE_EQ(rig.pump.state().info.duration, 3600);
  rig.place(0);
  rig.read(48'000);
  const long before = residentKilobytes();
  std::size_t frames = 48'000;
  std::vector<float> block(1 << 15);
  while (!rig.pump.state().playedOut) {
    const auto got = rig.reader.read(block.data(), 1 << 15);
    frames += got;
    if (got == 0) std::this_thread::yield();
  }
  EXPECT_EQ(frames, kFrames);
  EXPECT_LT(residentKilobytes() - before, 8000);
}

}  // namespace
}  // namespace backline
