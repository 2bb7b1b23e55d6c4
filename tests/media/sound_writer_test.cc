// Sound files that are written as their sound comes.
#include "media/sound_writer.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "media/decode.h"

namespace backline {
namespace {

using media::SoundFormat;
using media::SoundWriter;
using media::WriteFailure;

/// A folder that goes with the test.
struct Folder {
  Folder() : path(std::filesystem::temp_directory_path() / ("backline-writer-" + std::to_string(getpid()))) { std::filesystem::create_directory(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::size_t files() const { return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {})); }
  const std::filesystem::path path;
};

std::vector<std::byte> bytesOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

template <class Call>
std::string failureOf(Call call) {
  try {
    call();
  } catch (const WriteFailure& failure) {
    return failure.what();
  }
  return "";
}

TEST(SoundWriter, AFileIsWholeAfterAnyNumberOfPiecesAndHasItsNameOnlyThen) {
  const Folder folder;
  const auto path = folder.path / "whole.wav";
  SoundWriter writer(path, SoundFormat::wav, 48000, 2);
  std::vector<float> left, right;
  for (const std::size_t frames : {1, 4096, 5000, 0, 127}) {
    std::vector<float> a(frames), b(frames);
    for (std::size_t i = 0; i < frames; ++i) {
      a[i] = static_cast<float>(left.size() + i) * 0x1p-20f;
      b[i] = -a[i] - 2;   // floats hold what is beyond full scale
    }
    left.insert(left.end(), a.begin(), a.end());
    right.insert(right.end(), b.begin(), b.end());
    const float* const channels[] = {a.data(), b.data()};
    writer.write(channels, frames);
  }
  EXPECT_EQ(writer.frames(), left.size());
  EXPECT_FALSE(std::filesystem::exists(path));
  writer.finish();
  EXPECT_EQ(folder.files(), 1u);
  const auto buffer = media::decodeAudioDataInProcess(bytesOf(path), 48000);
  ASSERT_EQ(buffer->length(), left.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    ASSERT_EQ(buffer->channel(0)[i], left[i]) << i;
    ASSERT_EQ(buffer->channel(1)[i], right[i]) << i;
  }
  EXPECT_NE(failureOf([&] { writer.finish(); }).find("it has ended"), std::string::npos);
}

TEST(SoundWriter, OneThatIsNotFinishedLeavesWhatWasThere) {
  const Folder folder;
  const auto path = folder.path / "kept.flac";
  std::ofstream(path) << "before";
  {
    SoundWriter writer(path, SoundFormat::flac, 48000, 1);
    const std::vector<float> frames(10000);
    const float* const channels[] = {frames.data()};
    writer.write(channels, frames.size());
  }
  EXPECT_EQ(folder.files(), 1u);
  EXPECT_EQ(bytesOf(path).size(), 6u);
}

TEST(SoundWriter, WholeNumbersClipAndDoNotWrap) {
  const Folder folder;
  const auto path = folder.path / "loud.flac";
  SoundWriter writer(path, SoundFormat::flac, 44100, 1);
  const std::vector<float> frames{0.5f, 1.5f, -3, 0};
  const float* const channels[] = {frames.data()};
  writer.write(channels, frames.size());
  writer.finish();
  const auto buffer = media::decodeAudioDataInProcess(bytesOf(path), 44100);
  EXPECT_NEAR(buffer->channel(0)[1], 1, 1e-6);
  EXPECT_NEAR(buffer->channel(0)[2], -1, 1e-6);
}

TEST(SoundWriter, AFileThatCannotGrowIsSaidAndLeavesNothing) {
  const Folder folder;
  const auto path = folder.path / "full.wav";
  SoundWriter writer(path, SoundFormat::wav, 48000, 1);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1 << 16;
  setrlimit(RLIMIT_FSIZE, &small);
  const auto ignored = signal(SIGXFSZ, SIG_IGN);
  const std::vector<float> frames(1 << 16);
  const float* const channels[] = {frames.data()};
  const std::string failure = failureOf([&] { writer.write(channels, frames.size()); });
  signal(SIGXFSZ, ignored);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(failure, "cannot write " + path.string() + ": File too large");
  EXPECT_EQ(folder.files(), 0u);
  EXPECT_NE(failureOf([&] { writer.write(channels, 1); }).find("it has ended"), std::string::npos);
}

TEST(SoundWriter, WhatAFormatOrAPlaceCannotHaveIsSaidAtOnce) {
  const Folder folder;
  const auto refusal = [&](const char* name, SoundFormat format, std::uint32_t rate, std::uint32_t channels) {
    return failureOf([&] { SoundWriter(folder.path / name, format, rate, channels); });
  };
  EXPECT_NE(refusal("a", SoundFormat::opus, 44100, 2).find("or 48000 Hz, not 2 at 44100 Hz"), std::string::npos);
  EXPECT_NE(refusal("a", SoundFormat::flac, 48000, 9).find("1 … 8 channels"), std::string::npos);
  EXPECT_NE(refusal("a", SoundFormat::ogg, 4000, 1).find("8000 … 192000"), std::string::npos);
  EXPECT_NE(refusal("missing/a", SoundFormat::wav, 48000, 1).find("No such file"), std::string::npos);
  EXPECT_NE(failureOf([] { media::soundFormat("mp3"); }).find("wav, flac, ogg and opus"), std::string::npos);
  EXPECT_EQ(folder.files(), 0u);
  for (const std::uint32_t channels : {1, 2, 8})
    for (const SoundFormat format : {SoundFormat::wav, SoundFormat::flac, SoundFormat::ogg, SoundFormat::opus}) EXPECT_EQ(failureOf([&] { SoundWriter(folder.path / "b", format, 48000, channels); }), "");
}

}  // namespace
}  // namespace backline
