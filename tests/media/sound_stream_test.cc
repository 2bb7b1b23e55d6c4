// Sound that becomes the bytes of a file in memory.
#include "media/sound_stream.h"

#include <fstream>

#include "tests/media/recording_support.h"

namespace backline {
namespace {

using namespace test;
using media::SoundFormat;
using media::SoundStream;

constexpr std::uint32_t kRate = 48000;

Heard heardOf(const Folder& folder, const std::vector<std::byte>& bytes) {
  const std::string path = folder.file("sound");
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return Heard(path);
}

TEST(SoundStream, ABeginningThatWasNotTakenHasTheSizes) {
  const Folder folder;
  for (const SoundFormat format : {SoundFormat::wav, SoundFormat::flac}) {
    SoundStream stream(format, kRate, 2);
    for (std::uint64_t frame = 0; frame < 30'000; frame += 1000) stream.write(counter(frame, 1000, 2));
    stream.finish();
    const Heard heard = heardOf(folder, stream.take());
    ASSERT_EQ(heard.frames, 30'000u);
    EXPECT_EQ(wrongFrames(heard, 0, 30'000, 0), 0u);
    EXPECT_TRUE(stream.take().empty());
  }
}

TEST(SoundStream, WhatIsTakenInPiecesIsTheSameSound) {
  const Folder folder;
  SoundStream stream(SoundFormat::wav, kRate, 1);
  std::vector<std::byte> file;
  for (std::uint64_t frame = 0; frame < 30'000; frame += 1000) {
    stream.write(counter(frame, 1000));
    const auto piece = stream.take();
    EXPECT_FALSE(piece.empty());
    file.insert(file.end(), piece.begin(), piece.end());
  }
  stream.finish();
  const auto rest = stream.take();
  file.insert(file.end(), rest.begin(), rest.end());
  const Heard heard = heardOf(folder, file);
  ASSERT_EQ(heard.frames, 30'000u);
  EXPECT_EQ(wrongFrames(heard, 0, 30'000, 0), 0u);
}

TEST(SoundStream, ARateThatTheFormatCannotHaveIsConvertedToOneThatItCan) {
  const Folder folder;
  SoundStream stream(SoundFormat::opus, 44100, 1);
  for (int i = 0; i < 44; ++i) stream.write(std::vector<float>(1000));
  stream.finish();
  const Heard heard = heardOf(folder, stream.take());
  EXPECT_EQ(heard.info.samplerate, 48000);
  EXPECT_NEAR(static_cast<double>(heard.frames), 44'000 * 48.0 / 44.1, 50);
}

TEST(SoundStream, MoreBitsASecondAreMoreBytes) {
  for (const SoundFormat format : {SoundFormat::opus, SoundFormat::ogg}) {
    std::size_t sizes[2];
    for (const int i : {0, 1}) {
      SoundStream stream(format, kRate, 1, i == 0 ? 32'000 : 128'000);
      for (std::uint64_t frame = 0; frame < 48'000; frame += 1000) stream.write(counter(frame * 91, 1000));
      stream.finish();
      sizes[i] = stream.take().size();
    }
    EXPECT_GT(sizes[1], sizes[0] * 3 / 2);
  }
}

TEST(SoundStream, RefusesChannelsThatAFormatCannotHave) {
  EXPECT_NE(failureOf([] { SoundStream(SoundFormat::flac, kRate, 9); }).find("flac takes 1 … 8 channels"), std::string::npos);
}

}  // namespace
}  // namespace backline
