// RingStream between two sides that run at the same time, and when one of them is killed.

#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/patience.h"
#include "tests/support/seed.h"
#include "tests/transport/ring_samples.h"

namespace backline::transport {
namespace {

using backline::test::ChildProcess;
using backline::test::comesTrue;
using backline::test::seed;
using test::mapAgain;
using test::pauseAtRandom;
using test::Peer;
using test::readFrames;
using test::Side;
using test::writeFrames;

using Random = std::mt19937_64;

std::uint32_t upTo(Random& random, std::uint32_t most) {
  return std::uniform_int_distribution<std::uint32_t>(1, most)(random);
}

/// Writes with random lengths until `frames` were taken, then ends the stream.
int writeAll(SharedMemory memory, std::uint64_t frames, std::uint64_t seed) {
  RingWriter writer(std::move(memory));
  Random random(seed);
  writer.setState(WriterState::running);
  while (writer.written() < frames) {
    if (writer.format().overflow == Overflow::refuse && writer.space() == 0) {
      std::this_thread::yield();
      continue;
    }
    const std::uint64_t left = frames - writer.written();
    writeFrames(writer, static_cast<std::uint32_t>(std::min<std::uint64_t>(left, upTo(random, 100))));
  }
  writer.setState(WriterState::ended);
  return 0;
}

/// Writes for ever.
int writeOn(SharedMemory memory, std::uint64_t seed) {
  RingWriter writer(std::move(memory));
  Random random(seed);
  for (;;) writeFrames(writer, upTo(random, 100));
}

struct Total {
  std::uint64_t frames = 0;
  std::uint64_t wrong = 0;

  void add(const test::Read& read) {
    frames += read.frames;
    wrong += read.wrong;
  }
};

/// Reads with random lengths until the writer has ended and nothing is left.
Total readAll(RingReader& reader, Random& random) {
  Total total;
  for (;;) {
    const bool ended = reader.writerState() == WriterState::ended;
    const test::Read read = readFrames(reader, upTo(random, 150));
    total.add(read);
    if (ended && reader.available() == 0) return total;
    if (read.frames == 0) {
      reader.countUnderrun(1);
      std::this_thread::yield();
    }
  }
}

class RingStreamPeers : public ::testing::TestWithParam<Side> {};
INSTANTIATE_TEST_SUITE_P(RingStream, RingStreamPeers, ::testing::Values(Side::process, Side::thread),
                         [](const auto& info) {
                           return info.param == Side::process ? "InProcesses" : "InThreads";
                         });

TEST_P(RingStreamPeers, LoseNothingIfTheFullRingRefuses) {
  const std::uint64_t start = seed();
  constexpr std::uint64_t kFrames = 200'000;
  RingReader reader(createRingStream("test", {2, 48000, 256, Overflow::refuse}));
  Peer writer(GetParam(), [&] { return writeAll(mapAgain(reader.memory()), kFrames, start); });
  Random random(start + 1);
  const Total total = readAll(reader, random);
  EXPECT_EQ(writer.wait(), 0);
  EXPECT_EQ(total.frames, kFrames);
  EXPECT_EQ(total.wrong, 0u) << "frames torn or out of place";
}

TEST_P(RingStreamPeers, AccountForEveryFrameIfTheFullRingDropsTheOldest) {
  const std::uint64_t start = seed();
  constexpr std::uint64_t kFrames = 1'000'000;
  RingReader reader(createRingStream("test", {2, 48000, 128, Overflow::dropOldest}));
  Peer writer(GetParam(), [&] { return writeAll(mapAgain(reader.memory()), kFrames, start); });
  Random random(start + 1);
  const Total total = readAll(reader, random);
  EXPECT_EQ(writer.wait(), 0);
  EXPECT_EQ(total.wrong, 0u) << "frames torn or out of place, of " << total.frames;
  EXPECT_EQ(total.frames + reader.dropped(), kFrames);
  EXPECT_EQ(reader.consumed(), kFrames);
  EXPECT_GT(total.frames, 0u);
}

TEST_P(RingStreamPeers, SeeTheNewestFramesWholeAndInOrderWhileTheWriterOvertakes) {
  const std::uint64_t start = seed();
  constexpr std::uint64_t kFrames = 1'000'000;
  constexpr std::uint32_t kWanted = 500;
  RingReader reader(createRingStream("test", {2, 48000, 1024, Overflow::dropOldest}));
  Peer writer(GetParam(), [&] { return writeAll(mapAgain(reader.memory()), kFrames, start); });
  std::vector<float> out(2 * kWanted);
  std::uint64_t last = 0, seen = 0;
  while (last < kFrames) {
    const std::uint64_t end = reader.readNewest(out.data(), kWanted);
    if (end == 0) continue;
    ASSERT_GE(end, last);
    last = end;
    ++seen;
    const auto there = static_cast<std::uint32_t>(std::min<std::uint64_t>(end, kWanted));
    ASSERT_EQ(test::wrongFrames({out.end() - 2 * there, out.end()}, end - there, there, 2), 0u)
        << "frames torn or out of place, at " << end;
  }
  EXPECT_EQ(writer.wait(), 0);
  EXPECT_GT(seen, 1u);
}

TEST_P(RingStreamPeers, SeeWholeMarksOnly) {
  RingReader reader(createRingStream("test", {1, 48000, 64}));
  Peer writer(GetParam(), [&] {
    RingWriter writer(mapAgain(reader.memory()));
    for (std::uint64_t n = 1; n <= 300'000; ++n) {
      writer.mark(
          {n, test::mix(n), static_cast<std::int64_t>(test::mix(n + 1)), static_cast<std::uint32_t>(n)});
    }
    writer.setState(WriterState::ended);
    return 0;
  });
  std::uint64_t last = 0;
  while (reader.writerState() != WriterState::ended || last < 300'000) {
    TimelineMark mark;
    if (!reader.mark(mark)) continue;
    ASSERT_GE(mark.frame, last) << "marks went backwards";
    ASSERT_EQ(mark.sourceFrame, test::mix(mark.frame)) << "torn mark " << mark.frame;
    ASSERT_EQ(mark.nanoseconds, static_cast<std::int64_t>(test::mix(mark.frame + 1)))
        << "torn mark " << mark.frame;
    ASSERT_EQ(mark.generation, static_cast<std::uint32_t>(mark.frame)) << "torn mark " << mark.frame;
    last = mark.frame;
  }
  EXPECT_EQ(writer.wait(), 0);
}

class KilledPeers : public ::testing::TestWithParam<Overflow> {};
INSTANTIATE_TEST_SUITE_P(RingStream, KilledPeers, ::testing::Values(Overflow::refuse, Overflow::dropOldest),
                         [](const auto& info) {
                           return info.param == Overflow::refuse ? "Refuse" : "DropOldest";
                         });

TEST_P(KilledPeers, LeaveWholeFramesWhateverMomentTheWriterDies) {
  Random random(seed());
  RingReader reader(createRingStream("test", {2, 48000, 256, GetParam()}));
  Total total;
  for (int round = 0; round < 200; ++round) {
    ChildProcess writer([&, start = random()] { return writeOn(mapAgain(reader.memory()), start); });
    // Where processes start slowly (sanitizers) nothing may come of the other rounds.
    if (round % 2 == 1) {
      ASSERT_TRUE(comesTrue([&] { return reader.available() > 0; }));
    }
    pauseAtRandom(random);
    total.add(readFrames(reader, upTo(random, 300)));
    pauseAtRandom(random);
    writer.kill();
    // Some of it while the writer dies, the rest after.
    total.add(readFrames(reader, upTo(random, 150)));
    ASSERT_EQ(writer.wait(), -SIGKILL);
    while (reader.available() > 0) total.add(readFrames(reader, 300));
    ASSERT_EQ(total.wrong, 0u) << "frames torn or out of place in round " << round;
  }
  EXPECT_GT(total.frames, 0u);
}

TEST_P(KilledPeers, LetTheNextReaderGoOnWhateverMomentTheLastOneDies) {
  Random random(seed());
  RingWriter writer(createRingStream("test", {2, 48000, 256, GetParam()}));
  for (int round = 0; round < 200; ++round) {
    ChildProcess reader([&] {
      RingReader reader(mapAgain(writer.memory()));
      for (;;) {
        if (readFrames(reader, 37).wrong > 0) return 1;
      }
    });
    for (int i = 0; i < 20; ++i) writeFrames(writer, upTo(random, 200));
    pauseAtRandom(random);
    reader.kill();
    writeFrames(writer, upTo(random, 200));
    ASSERT_EQ(reader.wait(), -SIGKILL) << "1: the reader found wrong frames, in round " << round;
  }
  RingReader last(mapAgain(writer.memory()));
  const auto [got, wrong] = readFrames(last, 256);
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(last.consumed(), writer.written());
}

}  // namespace
}  // namespace backline::transport
