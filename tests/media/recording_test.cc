// A ring that is emptied into files.
#include "media/recording.h"

#include <sys/mount.h>

#include <chrono>
#include <thread>

#include "tests/media/recording_support.h"
#include "tests/support/patience.h"

namespace backline {
namespace {

using namespace test;
using media::Recording;
using media::RecordingOptions;
using media::RecordingStatus;
using transport::Overflow;
using transport::RingReader;
using transport::RingWriter;

constexpr std::uint32_t kRate = 48000;

transport::SharedMemory again(const transport::SharedMemory& memory) { return transport::SharedMemory::map(memory.fd().duplicate()); }

/// A source that counts, and the ring that it fills.
struct Source {
  explicit Source(std::uint32_t capacity = 1 << 16, Overflow overflow = Overflow::refuse, std::uint32_t channels = 1)
      : writer(transport::createRingStream("test", {channels, kRate, capacity, overflow})) {
    writer.setState(transport::WriterState::running);
  }
  RingReader reader() const { return RingReader(again(writer.memory())); }
  /// The next frames; 1 is the first one's number, so that none is silence.
  void play(std::size_t frames) {
    writer.write(counter(played, frames, writer.format().channels).data(), static_cast<std::uint32_t>(frames));
    played += frames;
  }
  /// The same, each when there is room for it.
  void playAll(std::size_t frames) {
    for (; frames > 0; std::this_thread::yield()) {
      const std::size_t piece = std::min<std::size_t>({frames, writer.space(), 4096});
      play(piece);
      frames -= piece;
    }
  }
  void lose(std::uint64_t frames) {
    writer.gap(frames);
    played += frames;
  }
  RingWriter writer;
  std::uint64_t played = 1;
};

void expectCounter(const Heard& heard, std::size_t from, std::size_t frames, std::uint64_t first) {
  ASSERT_LE(from + frames, heard.frames);
  EXPECT_EQ(wrongFrames(heard, from, frames, first), 0u) << "frames from " << from << " on";
}

void expectSilence(const Heard& heard, std::size_t from, std::size_t frames) {
  ASSERT_LE(from + frames, heard.frames);
  for (std::size_t i = from; i < from + frames; ++i) ASSERT_EQ(heard.samples[i], 0) << i;
}

TEST(Recording, LosesNothingAndDoublesNothing) {
  const Folder folder;
  Source source(4096, Overflow::refuse, 3);
  Recording recording({.path = folder.file("take.wav")}, source.reader());
  source.playAll(200'000);
  recording.stop();
  recording.wait();
  const RecordingStatus status = recording.status();
  EXPECT_EQ(status.frames, 200'000u);
  EXPECT_EQ(status.gaps, 0u);
  EXPECT_EQ(status.failure, "");
  EXPECT_EQ(status.peaks, std::vector<float>({counterAt(200'000), counterAt(200'000, 1), counterAt(200'000, 2)}));
  EXPECT_EQ(status.bytes, std::filesystem::file_size(folder.file("take.wav")));
  const Heard heard(folder.file("take.wav"));
  EXPECT_EQ(heard.frames, 200'000u);
  expectCounter(heard, 0, 200'000, 1);
}

TEST(Recording, WhatWasLostIsSilenceOfItsLengthAtItsPlace) {
  const Folder folder;
  Source source(1 << 14);
  source.play(100);
  source.lose(50);
  source.play(200);
  source.play(20000);   // more than there is room for
  std::vector<media::RecordingGap> gaps;
  {
    Recording recording({.path = folder.file("take.wav")}, source.reader(), {.gap = [&](const media::RecordingGap& gap) { gaps.push_back(gap); }});
    ASSERT_TRUE(comesTrue([&] { return recording.status().frames == (1 << 14) + 50; }));
    source.play(1000);
    ASSERT_TRUE(comesTrue([&] { return recording.status().frames == source.played - 1; }));
    source.lose(30);   // behind the last frame
    recording.stop();
    recording.wait();
    const RecordingStatus status = recording.status();
    EXPECT_EQ(status.frames, source.played - 1);
    EXPECT_EQ(status.gaps, 3u);
    EXPECT_EQ(status.lostFrames, 80u + 20300 - (1 << 14));
  }
  ASSERT_EQ(gaps.size(), 3u);
  EXPECT_EQ(gaps[0].frame, 100u);
  EXPECT_EQ(gaps[0].frames, 50u);
  EXPECT_EQ(gaps[1].frame, (1u << 14) + 50);
  EXPECT_EQ(gaps[1].reason, "the disk was too slow for the ring");
  EXPECT_EQ(gaps[2].reason, "its source lost them");
  const Heard heard(folder.file("take.wav"));
  expectCounter(heard, 0, 100, 1);
  expectSilence(heard, 100, 50);
  expectCounter(heard, 150, (1 << 14) - 100, 151);
  expectSilence(heard, gaps[1].frame, gaps[1].frames);
  expectCounter(heard, gaps[1].frame + gaps[1].frames, 1000, gaps[1].frame + gaps[1].frames + 1);
  expectSilence(heard, heard.frames - 30, 30);
  ASSERT_EQ(heard.cues.size(), 3u);
  EXPECT_EQ(heard.cues[1].sample_offset, gaps[1].frame);
}

TEST(Recording, ARingThatOvertakesItsReaderLeavesAGapOfWhatItDropped) {
  const Folder folder;
  Source source(1 << 12, Overflow::dropOldest);
  source.play(10'000);
  Recording recording({.path = folder.file("take.wav")}, source.reader());
  recording.stop();
  recording.wait();
  EXPECT_EQ(recording.status().frames, 10'000u);
  EXPECT_EQ(recording.status().lostFrames, 10'000u - (1 << 12));
  const Heard heard(folder.file("take.wav"));
  expectSilence(heard, 0, 10'000 - (1 << 12));
  expectCounter(heard, 10'000 - (1 << 12), 1 << 12, 10'001 - (1 << 12));
}

TEST(Recording, PausesAreExactToTheFrame) {
  const Folder folder;
  Source source;
  Recording recording({.path = folder.file("take.wav")}, source.reader());
  source.play(1234);
  recording.pause();
  source.play(4321);
  recording.resume();
  source.play(777);
  recording.pauseAt(source.writer.written() + 10);
  recording.resumeAt(source.writer.written() + 20);
  source.play(100);
  recording.pause();
  source.play(5000);
  recording.stop();
  recording.wait();
  EXPECT_EQ(recording.status().frames, 1234u + 777 + 90);
  EXPECT_EQ(recording.status().pausedFrames, 4321u + 10 + 5000);
  const Heard heard(folder.file("take.wav"));
  EXPECT_EQ(heard.frames, 1234u + 777 + 90);
  expectCounter(heard, 0, 1234, 1);
  expectCounter(heard, 1234, 787, 1 + 1234 + 4321);
  expectCounter(heard, 1234 + 787, 80, 1 + 1234 + 4321 + 797);
  ASSERT_EQ(heard.cues.size(), 3u);
  EXPECT_EQ(heard.cues[0].sample_offset, 1234u);
  EXPECT_STREQ(heard.cues[0].name, "pause: 4321 frames left out");
}

TEST(Recording, AFileTellsWhereItsFirstFrameStoodInTheDevicesCountAndWhen) {
  const Folder folder;
  Source source;
  Recording recording({.path = folder.file("take.wav"), .splitFrames = 300, .device = "a microphone"}, source.reader());
  recording.pause();
  source.writer.mark({0, 5000, 1'000'000'000, 0});   // a second after the machine began
  source.play(200);
  recording.resume();
  source.play(400);
  recording.stop();
  recording.wait();
  const Heard first(folder.file("take-001.wav")), second(folder.file("take-002.wav"));
  EXPECT_NE(first.description.find(", frame 5200 of the device; a microphone"), std::string::npos) << first.description;
  EXPECT_NE(second.description.find(", frame 5500 of the device, frame 300 of the take; a microphone"), std::string::npos) << second.description;
  EXPECT_EQ(second.reference - first.reference, 300u);
}

TEST(Recording, FilesOfATakeFollowOneAnotherToTheFrameGapsIncluded) {
  const Folder folder;
  std::ofstream(folder.file("take-003.wav")) << "somebody's";
  Source source;
  Recording recording({.path = folder.file("take.wav"), .splitFrames = 1000}, source.reader());
  source.playAll(1500);
  source.lose(1700);
  source.playAll(800);
  recording.stop();
  recording.wait();
  const RecordingStatus status = recording.status();
  EXPECT_EQ(status.frames, 4000u);
  std::vector<std::string> names;
  std::uint64_t bytes = 0;
  for (const std::string& file : status.files) {
    names.push_back(std::filesystem::path(file).filename());
    bytes += std::filesystem::file_size(file);
  }
  EXPECT_EQ(names, std::vector<std::string>({"take-001.wav", "take-002.wav", "take-004.wav", "take-005.wav"}));
  EXPECT_EQ(status.bytes, bytes);
  const std::vector<Heard> heard(status.files.begin(), status.files.end());
  for (const Heard& file : heard) EXPECT_EQ(file.frames, 1000u);
  expectCounter(heard[0], 0, 1000, 1);
  expectCounter(heard[1], 0, 500, 1001);
  expectSilence(heard[1], 500, 500);
  expectSilence(heard[2], 0, 1000);
  expectSilence(heard[3], 0, 200);
  expectCounter(heard[3], 200, 800, 3201);
  EXPECT_NE(heard[3].description.find("frame 3000 of the take"), std::string::npos) << heard[3].description;
  EXPECT_EQ(textOf(folder.file("take-003.wav")), "somebody's");
  EXPECT_NE(failureOf([&] { Recording({.path = folder.file("take.wav"), .splitFrames = 1000}, source.reader()); }).find("take-001.wav: File exists"), std::string::npos);
}

TEST(Recording, EndsByItselfAtItsLimitAndWithItsSource) {
  const Folder folder;
  Source source;
  source.play(5000);
  {
    std::atomic<int> ended{0};
    Recording recording({.path = folder.file("limit.wav"), .limitFrames = 3210}, source.reader(), {.ended = [&] { ++ended; }});
    recording.wait();
    EXPECT_EQ(Heard(folder.file("limit.wav")).frames, 3210u);
    recording.stop();
    EXPECT_EQ(ended, 1);
  }
  Source other;
  Recording recording({.path = folder.file("source.wav")}, other.reader());
  other.play(5000);
  other.writer.setState(transport::WriterState::ended);
  recording.wait();
  EXPECT_EQ(Heard(folder.file("source.wav")).frames, 5000u);
}

TEST(Recording, GoesOnWithWhoeverGoesOnWithItsRing) {
  const Folder folder;
  Source source;
  Recording recording({.path = folder.file("take.wav"), .endsWithSource = false}, source.reader());
  source.play(100);
  source.writer.setState(transport::WriterState::ended);
  ASSERT_TRUE(comesTrue([&] { return recording.status().frames == 100; }));
  source.writer.setState(transport::WriterState::running);
  source.lose(50);
  source.play(100);
  recording.stop();
  recording.wait();
  const Heard heard(folder.file("take.wav"));
  ASSERT_EQ(heard.frames, 250u);
  expectCounter(heard, 150, 100, 151);
}

TEST(Recording, TellsLevelsSinceTheyWereAskedLast) {
  const Folder folder;
  Source source(1 << 12, Overflow::refuse, 2);
  Recording recording({.path = folder.file("take.flac"), .format = media::SoundFormat::flac}, source.reader());
  const float loud[] = {0.5f, -0.75f}, soft[] = {0.125f, 0};
  source.writer.write(loud, 1);
  ASSERT_TRUE(comesTrue([&] { return recording.status().frames == 1; }));
  EXPECT_EQ(recording.levels(), std::vector<float>({0.5f, 0.75f}));
  EXPECT_EQ(recording.levels(), std::vector<float>({0, 0}));
  source.writer.write(soft, 1);
  ASSERT_TRUE(comesTrue([&] { return recording.status().frames == 2; }));
  EXPECT_EQ(recording.levels(), std::vector<float>({0.125f, 0}));
  EXPECT_EQ(recording.status().peaks, std::vector<float>({0.5f, 0.75f}));
}

TEST(Recording, WhatARingTellsOfGapsNeverFillsADisk) {
  const Folder folder;
  Source source;
  Recording recording({.path = folder.file("take.wav"), .limitFrames = 100'000}, source.reader());
  source.play(10);
  source.writer.gap(~std::uint64_t{0} - 5);
  source.play(10);
  recording.wait();
  EXPECT_EQ(Heard(folder.file("take.wav")).frames, 100'000u);
}

/// A disk of a test's own.
class SmallDisk {
 public:
  explicit SmallDisk(const Folder& folder) : path_(folder.file("disk")) {
    std::filesystem::create_directory(path_);
    mounted_ = mount("backline-test", path_.c_str(), "tmpfs", 0, "size=400k") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool mounted_;
};

TEST(Recording, OnAFullDiskEverythingUntilThenIsReadable) {
  const Folder folder;
  for (const media::SoundFormat format : {media::SoundFormat::wav, media::SoundFormat::flac, media::SoundFormat::ogg, media::SoundFormat::opus}) {
    SmallDisk disk(folder);
    if (!disk.mounted()) GTEST_SKIP() << "a disk can be mounted by root alone";
    const std::string path = disk.path() + "/take";
    Source source;
    Recording recording({.path = path, .format = format}, source.reader());
    std::uint64_t frames = 0;
    while (!recording.status().ended) {
      if (source.writer.space() >= 4800) source.play(4800);
      if (frames == 0) source.lose(100);
      frames = recording.status().frames;
    }
    recording.stop();
    recording.wait();
    EXPECT_EQ(recording.status().failure, "cannot write " + path + ": No space left on device");
    const Heard heard(path);
    EXPECT_GE(heard.frames, recording.status().frames) << media::soundFormatName(format);
    EXPECT_NE(textOf(path).find("gap: 100 frames"), std::string::npos);
  }
}

}  // namespace
}  // namespace backline
