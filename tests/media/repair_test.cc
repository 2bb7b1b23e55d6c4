// Files that a machine left when it crashed.
#include "media/repair.h"

#include <algorithm>

#include "media/bytes.h"
#include "media/flac_layout.h"
#include "media/wave_layout.h"
#include "tests/media/recording_support.h"

namespace backline {
namespace {

using namespace test;
using media::RecordingFile;
using media::Repair;
using media::repairSoundFile;
using media::SoundFormat;

constexpr std::size_t kFrames = 50'000;

class RepairTest : public testing::Test {
 protected:
  /// A whole file.
  std::string record(SoundFormat format, std::uint64_t riffLimit = 0xffffffff) {
    const std::string path = folder.file("take." + std::string(media::soundFormatName(format)));
    RecordingFile file(path, {format, 48000, 2}, {}, {.replace = true, .riffLimit = riffLimit});
    file.append(counter(0, kFrames, 2).data(), kFrames);
    file.finish();
    return path;
  }
  static void write(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
  static void change(const std::string& path, std::size_t offset, const std::vector<std::byte>& bytes) {
    std::string text = textOf(path);
    std::copy_n(reinterpret_cast<const char*>(bytes.data()), bytes.size(), text.begin() + static_cast<std::ptrdiff_t>(offset));
    write(path, text);
  }
  /// Mends; the damaged file stays as it was, and mending again finds nothing.
  Repair mend(const std::string& path) {
    const std::string before = textOf(path);
    const Repair repair = repairSoundFile(path, false);
    EXPECT_FALSE(repair.findings.empty()) << "nothing was found";
    EXPECT_EQ(textOf(repair.backup), before);
    const std::string after = textOf(path);
    const Repair again = repairSoundFile(path, false);
    EXPECT_TRUE(again.findings.empty()) << again.findings.front();
    EXPECT_EQ(textOf(path), after);
    write(path, before);
    EXPECT_EQ(repairSoundFile(path, true).backup, "");
    EXPECT_EQ(textOf(path), after) << "mended in place it is another file";
    return repair;
  }
  static void expectFrames(const std::string& path, std::size_t frames) {
    const Heard heard(path);
    EXPECT_EQ(heard.frames, frames);
    EXPECT_EQ(wrongFrames(heard, 0, heard.frames, 0), 0u);
  }
  Folder folder;
};

TEST_F(RepairTest, AWholeFileIsLeftAlone) {
  for (const SoundFormat format : {SoundFormat::wav, SoundFormat::flac, SoundFormat::ogg, SoundFormat::opus}) {
    const std::string path = record(format), before = textOf(path);
    const Repair repair = repairSoundFile(path, true);
    EXPECT_TRUE(repair.findings.empty()) << media::soundFormatName(format) << ": " << repair.findings.front();
    EXPECT_EQ(textOf(path), before);
    std::filesystem::remove(path);
  }
  record(SoundFormat::wav, 100'000);
  EXPECT_TRUE(repairSoundFile(folder.file("take.wav"), true).findings.empty()) << "an RF64 file";
  EXPECT_EQ(folder.files(), 1u);
}

TEST_F(RepairTest, AWavFileWhoseHeadIsOldGetsAllItsFramesBack) {
  for (const std::uint32_t declared : {0u, 8u, 8000u, 0xffffffffu}) {
    const std::string path = record(SoundFormat::wav);
    change(path, 4, media::Bytes().number(declared == 0 ? 0u : declared + media::kWaveHead - 8).take());
    change(path, media::kWaveHead - 4, media::Bytes().number(declared).take());
    mend(path);
    expectFrames(path, kFrames);
  }
}

TEST_F(RepairTest, AWavFileThatBreaksOffInAFrameEndsWithTheFrameBefore) {
  for (const std::uint64_t limit : {std::uint64_t{0xffffffff}, std::uint64_t{100'000}}) {
    const std::string path = record(SoundFormat::wav, limit);
    std::filesystem::resize_file(path, media::kWaveHead + 8 * 1000 + 3);
    const Repair repair = mend(path);
    EXPECT_NE(repair.findings[0].find("promises 50000 frames, there are 1000"), std::string::npos) << repair.findings[0];
    EXPECT_NE(repair.findings[1].find("3 bytes behind its last frame"), std::string::npos) << repair.findings[1];
    expectFrames(path, 1000);
  }
}

TEST_F(RepairTest, AFileBetweenRiffAndRf64BecomesOneOfThem) {
  const std::string path = record(SoundFormat::wav, 100'000);
  change(path, 0, media::Bytes().text("RIFF").take());
  mend(path);
  expectFrames(path, kFrames);
  const std::string other = record(SoundFormat::wav);
  change(other, 12, media::Bytes().text("ds64").take());
  mend(other);
  expectFrames(other, kFrames);
}

TEST_F(RepairTest, BlocksThatWereNeverWrittenAreNoSound) {
  const std::string path = record(SoundFormat::wav);
  write(path, textOf(path) + std::string(100'000, '\0'));
  const Repair repair = mend(path);
  EXPECT_NE(repair.findings[0].find("100000 bytes behind its last frame are cut off"), std::string::npos) << repair.findings[0];
  expectFrames(path, kFrames);
}

TEST_F(RepairTest, WhatOtherProgramsWroteBehindTheSoundStays) {
  const std::string path = folder.file("other.wav");
  media::Bytes bytes;
  bytes.text("RIFF").number(std::uint32_t{36 + 8 + 14}).text("WAVEfmt ").number(16u).number(std::uint16_t{1}).number(std::uint16_t{1});
  bytes.number(8000u).number(16000u).number(std::uint16_t{2}).number(std::uint16_t{16}).text("data").number(8u).text("abcdefgh").text("LIST").number(6u).text("INFOxy");
  const auto whole = bytes.take();
  write(path, std::string(reinterpret_cast<const char*>(whole.data()), whole.size()));
  EXPECT_TRUE(repairSoundFile(path, true).findings.empty());
  change(path, 4, media::Bytes().number(0u).take());
  mend(path);
  EXPECT_EQ(textOf(path), std::string(reinterpret_cast<const char*>(whole.data()), whole.size()));
  change(path, 40, media::Bytes().number(0u).take());   // no length: it goes to the end
  EXPECT_NE(mend(path).findings[0].find("its head counts 0 frames"), std::string::npos);
}

TEST_F(RepairTest, AFlacFileThatBreaksOffAnywhereEndsWithItsLastWholeFrame) {
  const std::string path = record(SoundFormat::flac), whole = textOf(path);
  const std::size_t sound = whole.size() - media::kFlacHead - (1 << 15);
  for (std::size_t cut = 1; cut < sound * 3 / 4; cut += sound / 9) {
    write(path, whole.substr(0, whole.size() - cut));
    mend(path);
    const Heard heard(path);
    EXPECT_GT(heard.frames, 0u);
    EXPECT_EQ(heard.frames % 4096, 0u);
    EXPECT_EQ(wrongFrames(heard, 0, heard.frames, 0), 0u);
  }
  write(path, whole);
  change(path, 21, {std::byte{0x70}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}});   // a head that was never brought up to date
  mend(path);
  expectFrames(path, kFrames);
}

TEST_F(RepairTest, AnOggFileThatBreaksOffAnywhereEndsWithItsLastWholePage) {
  for (const SoundFormat format : {SoundFormat::ogg, SoundFormat::opus}) {
    const std::string path = record(format), whole = textOf(path);
    for (std::size_t cut = 1; cut < 2000; cut += 377) {
      write(path, whole.substr(0, whole.size() - cut));
      const Repair repair = mend(path);
      EXPECT_NE(repair.findings.back().find("its last page does not say that it is the last"), std::string::npos) << repair.findings.back();
      EXPECT_GT(Heard(path).frames + 48000, kFrames);
    }
  }
}

TEST_F(RepairTest, WhatCannotBeMendedIsSaidAndLeftAlone) {
  const auto refusal = [&](const std::string& bytes) {
    const std::string path = folder.file("what");
    write(path, bytes);
    const std::string failure = failureOf([&] { repairSoundFile(path, false); });
    EXPECT_EQ(textOf(path), bytes);
    return failure;
  };
  EXPECT_NE(refusal("").find("there is nothing in it"), std::string::npos);
  EXPECT_NE(refusal("FORM....AIFFCOMM").find("it is no WAV, RF64, FLAC or Ogg file"), std::string::npos);
  EXPECT_NE(refusal(std::string(1000, '\0')).find("its head is lost"), std::string::npos);
  EXPECT_NE(refusal("RIFF....WAVEfmt ....").find("before its samples begin"), std::string::npos);
  EXPECT_NE(refusal("fLaC\0\0\0\x22" + std::string(10, 'x')).find("breaks off"), std::string::npos);
  const std::string flac = textOf(record(SoundFormat::flac));
  std::filesystem::remove(folder.file("take.flac"));
  EXPECT_NE(refusal(flac.substr(0, media::kFlacHead + (1 << 15) + 20)).find("no whole frame is in it"), std::string::npos);
  EXPECT_NE(refusal("OggS" + std::string(1000, 'x')).find("before its sound begins"), std::string::npos);
  EXPECT_NE(failureOf([&] { repairSoundFile(folder.file("nowhere"), false); }).find("No such file"), std::string::npos);
  EXPECT_NE(failureOf([&] { repairSoundFile(folder.path.string(), false); }).find("no ordinary file"), std::string::npos);
  EXPECT_EQ(folder.files(), 1u);
  RecordingFile recording(folder.file("take.wav"), {}, {});
  EXPECT_NE(failureOf([&] { repairSoundFile(folder.file("take.wav"), true); }).find("it is being recorded"), std::string::npos);
}

}  // namespace
}  // namespace backline
