#include "media/decoded_stream.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "tests/media/decoding.h"
#include "tests/media/media_files.h"

namespace backline {
namespace {

using media::MediaFailure;
using media::DecodedStream;
using test::MediaFile;
using test::numberedSamples;
using test::sine;
using test::writeSound;

constexpr int kFloatWav = SF_FORMAT_WAV | SF_FORMAT_FLOAT;

DecodedStream open(const std::string& source) { return DecodedStream(test::decodeHelper(), media::locate(source), [] { return false; }); }

DecodedStream openBytes(const std::vector<std::byte>& bytes) {
  return DecodedStream(test::decodeHelper(), media::locate("bytes", std::make_shared<const std::vector<std::byte>>(bytes)), [] { return false; });
}

/// All that is left, at most so many frames.
std::vector<float> rest(DecodedStream& reader, std::size_t most = std::size_t(-1)) {
  std::vector<float> samples;
  const std::size_t channels = reader.info().channels;
  while (samples.size() / channels < most) {
    const auto block = reader.next();
    if (block.empty()) break;
    samples.insert(samples.end(), block.begin(), block.end());
  }
  if (samples.size() / channels > most) samples.resize(most * channels);
  return samples;
}

std::string failureOf(const std::string& source) {
  try {
    auto reader = open(source);
    rest(reader);
  } catch (const MediaFailure& failure) {
    EXPECT_NE(std::string(failure.what()).find(source), std::string::npos) << "names the file: " << failure.what();
    return failure.what();
  }
  return "";
}

TEST(DecodedStream, GivesTheFramesOfAFileAsTheyAre) {
  const auto samples = numberedSamples(100'000, 3);
  const MediaFile file("exact.wav", writeSound(kFloatWav, 44100, 3, samples));
  auto reader = open(file.path());
  EXPECT_EQ(reader.info().channels, 3u);
  EXPECT_EQ(reader.info().sampleRate, 44100);
  EXPECT_DOUBLE_EQ(reader.info().duration, 100'000 / 44100.0);
  EXPECT_TRUE(reader.info().seekable);
  EXPECT_EQ(rest(reader), samples);
  EXPECT_EQ(reader.end(), 100'000);
  reader.seek(0);
  EXPECT_EQ(rest(reader), samples) << "and again";
}

TEST(DecodedStream, VorbisIsAsLongAsItWasFromItsBeginningAndFromAnywhere) {
  for (const std::size_t frames : {44416, 44417, 44544, 50001}) {
    auto reader = openBytes(writeSound(SF_FORMAT_OGG | SF_FORMAT_VORBIS, 48000, 2, sine(440, 48000, 2, frames)));
    EXPECT_DOUBLE_EQ(reader.info().duration, static_cast<double>(frames) / 48000);
    EXPECT_EQ(rest(reader).size(), 2 * frames);
    EXPECT_EQ(reader.end(), frames);
    reader.seek(30000);
    EXPECT_EQ(rest(reader).size(), 2 * (frames - 30000));
    EXPECT_EQ(reader.end(), frames);
  }
}

TEST(DecodedStream, ReadsPathsUrlsOfFilesAndData) {
  const auto samples = numberedSamples(500, 1);
  const MediaFile file("with space.wav", writeSound(kFloatWav, 8000, 1, samples));
  std::string url = "file://" + file.path();
  url.replace(url.find(' '), 1, "%20");
  for (const std::string& source : {file.path(), url}) {
    auto reader = open(source);
    EXPECT_EQ(rest(reader), samples) << source;
  }
  auto reader = open("data:audio/wav;base64,UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQgAAAAAQADAACAA4A%3D%3D");
  EXPECT_EQ(rest(reader), std::vector<float>({0.5f, -0.5f, 0.25f, -0.25f}));
}

struct Coded {
  const char* name;
  int format;
  bool exact;   // lossless
};

class DecodedStreamFormats : public testing::TestWithParam<Coded> {};

TEST_P(DecodedStreamFormats, GoesOnFromAnyFrameAsIfItHadReadUpToThere) {
  constexpr int kRate = 44100;
  auto samples = sine(331, kRate, 2, 9 * kRate + 77);
  std::mt19937 random(7);
  std::uniform_real_distribution<float> noise(-0.2f, 0.2f);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = samples[i] * static_cast<float>(1 + std::sin(static_cast<double>(i) / 30000)) / 2 + noise(random) * 0.2f;
  const MediaFile file(std::string("seek.") + GetParam().name, writeSound(GetParam().format, GetParam().format & SF_FORMAT_OPUS ? 48000 : kRate, 2, samples));
  auto reader = open(file.path());
  const auto whole = rest(reader);
  ASSERT_GE(whole.size(), samples.size() - 2);
  EXPECT_EQ(reader.end(), static_cast<std::int64_t>(whole.size() / 2));
  for (const std::int64_t frame : {300'000, 5, 123'456, 123'457, 0, 396'000, 200'000, 1152, 44'100}) {
    reader.seek(frame);
    const auto part = rest(reader, 3000);
    ASSERT_FALSE(part.empty()) << frame;
    float worst = 0;
    for (std::size_t i = 0; i < part.size(); ++i) worst = std::max(worst, std::abs(part[i] - whole[static_cast<std::size_t>(frame) * 2 + i]));
    EXPECT_LE(worst, GetParam().exact ? 0 : 2e-5f) << "from frame " << frame;
    EXPECT_GE(reader.position(), frame + static_cast<std::int64_t>(part.size() / 2));
  }
  reader.seek(static_cast<std::int64_t>(whole.size() / 2) + 10);
  EXPECT_TRUE(rest(reader).empty()) << "behind the end there is nothing";
  reader.seek(0);
  EXPECT_EQ(rest(reader).size(), whole.size());
}

INSTANTIATE_TEST_SUITE_P(Formats, DecodedStreamFormats,
                         testing::Values(Coded{"wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, true}, Coded{"aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, true},
                                         Coded{"flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, true}, Coded{"ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, false},
                                         Coded{"opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, false}, Coded{"mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, false}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(DecodedStream, AnMp3BeginsAndEndsWhereItsSoundDoes) {
  const auto samples = sine(441, 44100, 1, 44100);   // whole periods: it can be looped without a gap
  const MediaFile file("gapless.mp3", writeSound(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, 1, samples));
  auto reader = open(file.path());
  const auto decoded = rest(reader);
  ASSERT_EQ(decoded.size(), samples.size());
  float worst = 0;
  for (std::size_t i = 2000; i + 2000 < samples.size(); ++i) worst = std::max(worst, std::abs(decoded[i] - samples[i]));
  EXPECT_LT(worst, 0.01f) << "not shifted";
}

TEST(DecodedStream, SaysWhatIsWrongWithAFile) {
  EXPECT_NE(failureOf("/nowhere/at all.wav").find("No such file"), std::string::npos);
  EXPECT_NE(failureOf(std::filesystem::temp_directory_path()).find("is no file, but a directory"), std::string::npos);
  EXPECT_NE(failureOf("/dev/null").find("is no file"), std::string::npos);
  EXPECT_NE(failureOf("gopher://x/y").find("gopher:"), std::string::npos);
  const MediaFile empty("empty.wav", {}), text("text.mp3", std::vector<std::byte>(5000, std::byte{'a'}));
  EXPECT_NE(failureOf(empty.path()).find("is empty"), std::string::npos);
  EXPECT_NE(failureOf(text.path()), "");
  const std::string fifo = std::filesystem::temp_directory_path() / ("backline-fifo-" + std::to_string(getpid()));
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_NE(failureOf(fifo).find("is no file, but a pipe"), std::string::npos) << "and does not wait for a writer";
  std::filesystem::remove(fifo);
}

TEST(DecodedStream, GivesWhatATruncatedFileHasAndThenSaysSo) {
  for (const auto& [name, format] : {std::pair("cut.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16), std::pair("cut.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16)}) {
    auto bytes = writeSound(format, 48000, 1, numberedSamples(96000, 1));
    bytes.resize(bytes.size() / 2);
    const MediaFile file(name, bytes);
    auto reader = open(file.path());
    std::size_t frames = 0;
    std::string message;
    try {
      for (auto block = reader.next(); !block.empty(); block = reader.next()) frames += block.size();
    } catch (const MediaFailure& failure) {
      message = failure.what();
      EXPECT_EQ(failure.code, media::MediaErrorCode::decode);
    }
    EXPECT_GT(frames, 40000u) << name;
    EXPECT_NE(message.find(file.path() + ": is truncated"), std::string::npos) << message;
  }
}

TEST(DecodedStream, SurvivesDamageWhereverItIs) {
  std::mt19937 random(3);
  for (const int format : {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, SF_FORMAT_OGG | SF_FORMAT_VORBIS,
                           SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III}) {
    const auto whole = writeSound(format, 44100, 2, sine(500, 44100, 2, 20000));
    for (int round = 0; round < 40; ++round) {
      auto bytes = whole;
      for (int i = 0; i < 1 + round; ++i) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      if (round % 4 == 0) bytes.resize(random() % bytes.size());
      try {
        auto reader = openBytes(bytes);
        EXPECT_LE(rest(reader, 200'000).size(), 200'000u * reader.info().channels);
        reader.seek(static_cast<std::int64_t>(random() % 20000));
        rest(reader, 5000);
      } catch (const MediaFailure& failure) {
        EXPECT_NE(std::string(failure.what()).find("bytes: "), std::string::npos);
      }
    }
  }
}

TEST(DecodedStream, AWavThatWasPassedOnBeforeItsLengthWasKnownIsWhole) {
  const auto samples = numberedSamples(50'001, 2);
  auto bytes = writeSound(kFloatWav, 48000, 2, samples);
  const std::byte unknown[4] = {std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}};
  for (std::size_t at = 12; at + 8 <= bytes.size(); ++at) {
    if (std::memcmp(bytes.data() + at, "data", 4) != 0) continue;
    std::memcpy(bytes.data() + at + 4, unknown, 4);
    break;
  }
  std::memcpy(bytes.data() + 4, unknown, 4);
  bytes.resize(bytes.size() - bytes.size() % 8);
  auto reader = openBytes(bytes);
  const auto whole = rest(reader);
  ASSERT_GE(whole.size(), samples.size());
  EXPECT_TRUE(std::equal(samples.begin(), samples.end(), whole.begin()));
  EXPECT_EQ(reader.end(), static_cast<std::int64_t>(whole.size() / 2));
  EXPECT_DOUBLE_EQ(reader.info().duration, static_cast<double>(whole.size() / 2) / 48000);
  reader.seek(12'345);
  EXPECT_EQ(rest(reader).size(), whole.size() - 2 * 12'345);
}

TEST(DecodedStream, GivesUpWhenItIsInterrupted) {
  EXPECT_THROW(DecodedStream(test::decodeHelper(), media::locate("http://127.0.0.1:1/x.wav"), [] { return true; }), MediaFailure);
}

}  // namespace
}  // namespace backline
