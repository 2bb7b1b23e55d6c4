// Files that are readable at every moment of their making.
#include "media/recording_file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmath>
#include <numbers>

#include "tests/media/recording_support.h"

namespace backline {
namespace {

using namespace test;
using media::RecordingFile;
using media::RecordingFormat;
using media::RecordingOrigin;
using media::SoundFormat;

constexpr SoundFormat kFormats[] = {SoundFormat::wav, SoundFormat::flac, SoundFormat::ogg, SoundFormat::opus};
constexpr std::size_t kPiece = 1920;   // frames: 40 ms

const RecordingOrigin kOrigin{"a microphone", 1'764'193'205'123'456'789, 4711, 0};

bool keepsSamples(SoundFormat format) { return format == SoundFormat::wav || format == SoundFormat::flac; }

class RecordingFileTest : public testing::TestWithParam<SoundFormat> {
 protected:
  std::string path() const { return folder.file("take." + std::string(media::soundFormatName(GetParam()))); }
  Folder folder;
};

INSTANTIATE_TEST_SUITE_P(Formats, RecordingFileTest, testing::ValuesIn(kFormats), [](const auto& format) { return std::string(media::soundFormatName(format.param)); });

TEST_P(RecordingFileTest, HoldsEveryFrameOnce) {
  for (const std::uint32_t channels : {1u, 2u, 6u}) {
    std::uint64_t frames = 0;
    RecordingFile file(path(), {GetParam(), 48000, channels}, kOrigin, {.replace = true});
    for (const std::size_t piece : {1u, 100u, 4096u, 4097u, 20000u, 0u, 960u}) {
      file.append(counter(frames, piece, channels).data(), piece);
      frames += piece;
    }
    file.finish();
    EXPECT_EQ(file.frames(), frames);
    EXPECT_EQ(file.bytes(), std::filesystem::file_size(path()));
    const Heard heard(path());
    EXPECT_EQ(heard.info.channels, static_cast<int>(channels));
    EXPECT_EQ(heard.frames, frames);
    if (keepsSamples(GetParam())) {
      EXPECT_EQ(wrongFrames(heard, 0, frames, 0), 0u) << channels << " channels";
    }
  }
}

TEST_P(RecordingFileTest, IsReadableWhileItGrowsAndLacksNoSecond) {
  for (const std::uint32_t rate : {8000u, 48000u}) {
    RecordingFile file(path(), {GetParam(), rate, 2}, kOrigin, {.replace = true});
    for (std::uint64_t frames = 0; frames < 5 * rate;) {
      const std::size_t piece = rate / 25;
      file.append(counter(frames, piece, 2).data(), piece);
      frames += piece;
      if (frames % rate != 0) continue;
      const Heard heard(path());
      EXPECT_LE(heard.frames, frames);
      EXPECT_GT(heard.frames + rate, frames) << "short by more than a second";
      if (keepsSamples(GetParam())) {
        EXPECT_EQ(wrongFrames(heard, 0, heard.frames, 0), 0u);
      }
    }
  }
}

TEST_P(RecordingFileTest, OpensAfterItsProgramWasKilledAtAnyMoment) {
  for (int trial = 0; trial < 6; ++trial) {
    int progress[2];
    ASSERT_EQ(pipe(progress), 0);
    const pid_t child = fork();
    if (child == 0) {
      RecordingFile file(path(), {GetParam(), 48000, 2}, kOrigin, {.replace = true});
      for (std::uint64_t frames = 0;; frames += kPiece) {
        file.append(counter(frames, kPiece, 2).data(), kPiece);
        const std::uint64_t written = frames + kPiece;
        if (write(progress[1], &written, sizeof written) < 0) _exit(1);
      }
    }
    close(progress[1]);
    std::uint64_t written = 0;
    while (written < 96000 + static_cast<std::uint64_t>(trial) * 7 * kPiece) ASSERT_EQ(read(progress[0], &written, sizeof written), static_cast<ssize_t>(sizeof written));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    while (read(progress[0], &written, sizeof written) > 0) {}
    close(progress[0]);
    const Heard heard(path());
    EXPECT_GT(heard.frames + 48000, written) << "short by more than a second";
    if (keepsSamples(GetParam())) {
      EXPECT_EQ(wrongFrames(heard, 0, heard.frames, 0), 0u);
    }
    RecordingFile(path(), {GetParam(), 48000, 2}, kOrigin, {.replace = true});
  }
}

TEST_P(RecordingFileTest, AGapIsSilenceOfItsLengthAndStandsInTheFileWhileItGrows) {
  RecordingFile file(path(), {GetParam(), 48000, 1}, kOrigin);
  file.append(counter(1, 10000).data(), 10000);
  file.gap(5000, "the device lost them");
  file.paused(777);
  file.append(counter(10001, 48000).data(), 48000);
  const std::string growing = textOf(path());
  EXPECT_NE(growing.find("gap: 5000 frames of silence, the device lost them"), std::string::npos);
  EXPECT_NE(growing.find("pause: 777 frames left out"), std::string::npos);
  EXPECT_NE(growing.find("1 gap, 5000 frames of silence in them; 1 pause"), std::string::npos);
  file.finish();
  const Heard heard(path());
  EXPECT_EQ(heard.frames, 63000u);
  EXPECT_NE(textOf(path()).find("2025-11-26T21:40:05.123456789Z"), std::string::npos) << "the instant of the first frame";
  if (!keepsSamples(GetParam())) return;
  EXPECT_EQ(wrongFrames(heard, 0, 10000, 1), 0u);
  for (std::size_t i = 10000; i < 15000; ++i) ASSERT_EQ(heard.samples[i], 0) << i;
  EXPECT_EQ(wrongFrames(heard, 15000, 48000, 10001), 0u);
}

TEST_P(RecordingFileTest, ThousandsOfGapsLeaveItReadableAndAreCounted) {
  RecordingFile file(path(), {GetParam(), 48000, 1}, kOrigin);
  for (int i = 0; i < 3000; ++i) file.gap(7, "the disk was too slow for the ring");
  file.append(counter(0, 4800).data(), 4800);
  file.finish();
  EXPECT_EQ(Heard(path()).frames, 25800u);
  EXPECT_NE(textOf(path()).find("3000 gaps, 21000 frames of silence in them"), std::string::npos);
}

/// What is appended until it fails, of a file with a limit or on a disk without room.
struct Filled {
  std::uint64_t frames = 0;
  std::string failure;
};

Filled fill(RecordingFile& file, std::uint32_t channels) {
  Filled filled;
  filled.failure = failureOf([&] {
    for (;;) {
      file.append(counter(filled.frames, kPiece, channels).data(), kPiece);
      filled.frames += kPiece;
    }
  });
  return filled;
}

TEST_P(RecordingFileTest, AFileThatCannotGrowEndsWithEverythingUntilThen) {
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 300'000;
  const auto ignored = signal(SIGXFSZ, SIG_IGN);
  RecordingFile file(path(), {GetParam(), 48000, 2}, kOrigin);
  setrlimit(RLIMIT_FSIZE, &small);
  const Filled filled = fill(file, 2);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, ignored);
  EXPECT_EQ(filled.failure, "cannot write " + path() + ": File too large");
  const Heard heard(path());
  EXPECT_GT(heard.frames + 48000, filled.frames);
  EXPECT_GT(heard.frames, 0u);
  if (keepsSamples(GetParam())) {
    EXPECT_EQ(wrongFrames(heard, 0, heard.frames, 0), 0u);
  }
  EXPECT_NE(failureOf([&] { file.append(nullptr, 0); }).find("it has ended"), std::string::npos);
}

TEST_P(RecordingFileTest, WhereAnotherFileIsIsSaidAndItStays) {
  std::ofstream(path()) << "before";
  const std::string failure = failureOf([&] { RecordingFile(path(), {GetParam(), 48000, 2}, kOrigin); });
  EXPECT_EQ(failure, "cannot write " + path() + ": File exists");
  EXPECT_EQ(textOf(path()), "before");
}

TEST_P(RecordingFileTest, OneThatIsBeingRecordedIsNotRecordedOver) {
  RecordingFile file(path(), {GetParam(), 48000, 2}, kOrigin);
  file.append(counter(0, kPiece, 2).data(), kPiece);
  const std::string failure = failureOf([&] { RecordingFile(path(), {GetParam(), 48000, 2}, kOrigin, {.replace = true}); });
  EXPECT_EQ(failure, "cannot write " + path() + ": it is being recorded");
  file.finish();
  EXPECT_EQ(Heard(path()).frames, kPiece);
}

TEST(RecordingFile, WhatIsNoNumberOrTooLoudSpoilsNothingBesideIt) {
  const Folder folder;
  std::vector<float> samples(48000);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<float>(0.25 * std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i) / 48000));
  samples[1000] = NAN;
  samples[2000] = INFINITY;
  samples[3000] = 40;
  for (const SoundFormat format : kFormats) {
    const std::string path = folder.file(std::string(media::soundFormatName(format)));
    RecordingFile file(path, {format, 48000, 1}, kOrigin);
    file.append(samples.data(), samples.size());
    file.finish();
    const Heard heard(path);
    ASSERT_EQ(heard.frames, samples.size());
    float loudest = 0;
    for (std::size_t i = 24000; i < heard.frames; ++i) loudest = std::max(loudest, std::fabs(heard.samples[i]));
    EXPECT_NEAR(loudest, 0.25f, 0.05f) << media::soundFormatName(format);
    if (format == SoundFormat::flac) {
      EXPECT_EQ(heard.samples[3000], 1 - 0x1p-23f) << "clipped";
    }
  }
}

TEST(RecordingFile, AWavFileBecomesRf64InPlaceWhenItIsTooLargeForItsHeader) {
  const Folder folder;
  const std::string path = folder.file("take.wav");
  constexpr std::uint64_t kLimit = 200'000;
  RecordingFile file(path, {SoundFormat::wav, 48000, 2}, kOrigin, {.riffLimit = kLimit});
  for (std::uint64_t frames = 0; frames < 50000; frames += 1000) {
    file.append(counter(frames, 1000, 2).data(), 1000);
    const bool large = std::filesystem::file_size(path) > kLimit + 8;
    EXPECT_EQ(textOf(path).substr(0, 4), large ? "RF64" : "RIFF");
    EXPECT_EQ(textOf(path).substr(12, 4), large ? "ds64" : "JUNK");
    const Heard heard(path);
    ASSERT_EQ(heard.frames, frames + 1000);
    EXPECT_EQ(heard.info.format & SF_FORMAT_TYPEMASK, large ? SF_FORMAT_RF64 : SF_FORMAT_WAV);
    EXPECT_EQ(wrongFrames(heard, 0, heard.frames, 0), 0u);
  }
  file.gap(100, "its source lost them");
  file.finish();
  const Heard heard(path);
  EXPECT_EQ(heard.frames, 50100u);
  EXPECT_NE(textOf(path).find("gap: 100 frames of silence"), std::string::npos);
}

TEST(RecordingFile, AWavFileTellsWhenItBeganAndWhereItsGapsAre) {
  const Folder folder;
  const std::string path = folder.file("take.wav");
  RecordingFile file(path, {SoundFormat::wav, 48000, 2}, kOrigin);
  file.append(counter(0, 5000, 2).data(), 5000);
  file.gap(300, "its source lost them");
  file.finish();
  const Heard heard(path);
  EXPECT_EQ(heard.description, "first frame at 2025-11-26T21:40:05.123456789Z, frame 4711 of the device; a microphone");
  EXPECT_EQ(heard.reference, ((21 * 60 + 40) * 60 + 5) * 48000u + 5925);
  ASSERT_EQ(heard.cues.size(), 1u);
  EXPECT_EQ(heard.cues[0].sample_offset, 5000u);
  EXPECT_STREQ(heard.cues[0].name, "gap: 300 frames of silence, its source lost them");
  EXPECT_NE(heard.strings.find("1 gap, 300 frames of silence in them; 0 pauses"), std::string::npos) << heard.strings;
}

TEST(RecordingFile, WhatAFormatOrAPlaceCannotHaveIsSaidAtOnceAndLeavesNothing) {
  const Folder folder;
  const auto refusal = [&](const char* name, const RecordingFormat& format) { return failureOf([&] { RecordingFile(folder.file(name), format, kOrigin); }); };
  EXPECT_NE(refusal("a", {SoundFormat::opus, 44100, 2}).find("or 48000 Hz, not 2 at 44100 Hz"), std::string::npos);
  EXPECT_NE(refusal("a", {SoundFormat::flac, 48000, 9}).find("1 … 8 channels"), std::string::npos);
  EXPECT_NE(refusal("missing/a", {}).find("No such file"), std::string::npos);
  EXPECT_NE(failureOf([&] { RecordingFile(folder.path.string(), {}, kOrigin, {.replace = true}); }).find("directory"), std::string::npos);
  EXPECT_NE(failureOf([&] { RecordingFile("/dev/null", {}, kOrigin, {.replace = true}); }).find("no ordinary file"), std::string::npos);
  EXPECT_EQ(folder.files(), 0u);
}

}  // namespace
}  // namespace backline
