#include "transport/ring_stream.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/transport/ring_samples.h"
#include "transport/error.h"
#include "transport/realtime.h"

namespace backline::transport {
namespace {

using test::mapAgain;
using test::readFrames;
using test::writeFrames;

struct Ring {
  explicit Ring(const RingFormat& format)
      : writer(createRingStream("test", format)), reader(mapAgain(writer.memory())) {}
  RingWriter writer;
  RingReader reader;
};

TEST(RingStream, GivesBothSidesTheFormatWithACapacityOfAPowerOfTwo) {
  const Ring ring({3, 44100, 1000, Overflow::dropOldest});
  for (const RingFormat& format : {ring.writer.format(), ring.reader.format()}) {
    EXPECT_EQ(format.channels, 3u);
    EXPECT_EQ(format.sampleRate, 44100.0f);
    EXPECT_EQ(format.capacityFrames, 1024u);
    EXPECT_EQ(format.overflow, Overflow::dropOldest);
  }
}

TEST(RingStream, RefusesAnImpossibleFormat) {
  for (const RingFormat& format :
       {RingFormat{0, 48000, 64}, RingFormat{33, 48000, 64}, RingFormat{2, 0, 64}, RingFormat{2, -1, 64},
        RingFormat{2, NAN, 64}, RingFormat{2, INFINITY, 64}, RingFormat{2, 48000, 0},
        RingFormat{2, 48000, 0xffffffffu}, RingFormat{2, 48000, 64, static_cast<Overflow>(2)}}) {
    EXPECT_THROW(createRingStream("test", format), TransportError);
  }
}

TEST(RingStream, SkipsFramesAsIfTheyWereRead) {
  for (const Overflow overflow : {Overflow::refuse, Overflow::dropOldest}) {
    Ring ring({2, 48000, 64, overflow});
    writeFrames(ring.writer, 50);
    EXPECT_EQ(ring.reader.skip(20), 20u);
    EXPECT_EQ(ring.reader.consumed(), 20u);
    const auto [got, wrong] = readFrames(ring.reader, 10);
    EXPECT_EQ(got, 10u);
    EXPECT_EQ(wrong, 0u) << "frames out of order";
    EXPECT_EQ(ring.reader.skip(64), 20u) << "no more than there are";
    EXPECT_EQ(ring.reader.skip(1), 0u);
    EXPECT_EQ(ring.writer.fill(), 0u);
  }
  Ring ring({1, 48000, 64, Overflow::dropOldest});
  writeFrames(ring.writer, 100);
  EXPECT_EQ(ring.reader.skip(64), 64u);
  EXPECT_EQ(ring.reader.dropped(), 36u);
}

TEST(RingStream, CarriesFramesInOrderThroughManyWraps) {
  for (const Overflow overflow : {Overflow::refuse, Overflow::dropOldest}) {
    for (const std::uint32_t channels : {1u, 2u, 3u, 32u}) {
      Ring ring({channels, 48000, 64, overflow});
      for (std::uint32_t step = 0; step < 200; ++step) {
        const std::uint32_t frames = step % 65;
        ASSERT_EQ(writeFrames(ring.writer, frames), frames);
        ASSERT_EQ(ring.reader.available(), frames);
        const auto [got, wrong] = readFrames(ring.reader, 64);
        ASSERT_EQ(got, frames);
        ASSERT_EQ(wrong, 0u) << "frames, of " << got << ", with " << channels << " channels";
      }
      EXPECT_EQ(ring.reader.dropped(), 0u);
    }
  }
}

TEST(RingStream, HoldsOneFrameIfThatIsItsCapacity) {
  Ring ring({1, 48000, 1});
  EXPECT_EQ(writeFrames(ring.writer, 2), 1u);
  EXPECT_EQ(readFrames(ring.reader, 2).frames, 1u);
}

TEST(RingStream, RefusesAndCountsWhatDoesNotFit) {
  Ring ring({2, 48000, 64, Overflow::refuse});
  EXPECT_EQ(writeFrames(ring.writer, 50), 50u);
  EXPECT_EQ(ring.writer.space(), 14u);
  EXPECT_EQ(ring.writer.fill(), 50u);
  EXPECT_EQ(writeFrames(ring.writer, 50), 14u);
  EXPECT_EQ(writeFrames(ring.writer, 50), 0u);
  EXPECT_EQ(ring.reader.dropped(), 86u);
  const auto [got, wrong] = readFrames(ring.reader, 100);
  EXPECT_EQ(got, 64u);
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(ring.writer.consumed(), 64u);
}

TEST(RingStream, ReaderOfAnOverwrittenRingGetsTheNewestFrames) {
  Ring ring({2, 48000, 64, Overflow::dropOldest});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(writeFrames(ring.writer, 50), 50u);
  EXPECT_EQ(ring.writer.fill(), 64u);
  EXPECT_EQ(ring.writer.space(), 0u);
  EXPECT_EQ(ring.reader.available(), 64u);
  const auto [got, wrong] = readFrames(ring.reader, 100);
  EXPECT_EQ(got, 64u);
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(ring.reader.consumed(), 500u);
  EXPECT_EQ(ring.reader.dropped(), 436u);
  EXPECT_EQ(ring.reader.available(), 0u);
}

TEST(RingStream, KeepsTheEndOfMoreThanARingful) {
  Ring ring({2, 48000, 64, Overflow::dropOldest});
  writeFrames(ring.writer, 10);
  EXPECT_EQ(writeFrames(ring.writer, 1000), 1000u);
  const auto [got, wrong] = readFrames(ring.reader, 100);
  EXPECT_EQ(got, 64u);
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(ring.reader.dropped(), 946u);
}

TEST(RingStream, CountsUnderruns) {
  Ring ring({2, 48000, 64});
  EXPECT_EQ(readFrames(ring.reader, 10).frames, 0u);
  ring.reader.countUnderrun(10);
  ring.reader.countUnderrun(3);
  EXPECT_EQ(ring.reader.underruns(), 2u);
  EXPECT_EQ(ring.reader.underrunFrames(), 13u);
}

TEST(RingStream, TellsTheStateOfTheWriter) {
  Ring ring({2, 48000, 64});
  EXPECT_EQ(ring.reader.writerState(), WriterState::starting);
  for (const WriterState state : {WriterState::running, WriterState::paused, WriterState::ended}) {
    ring.writer.setState(state);
    EXPECT_EQ(ring.reader.writerState(), state);
  }
}

TEST(RingStream, CarriesTheNewestMark) {
  Ring ring({2, 48000, 64});
  TimelineMark mark;
  EXPECT_FALSE(ring.reader.mark(mark));
  ring.writer.mark({1, 2, 3, 4});
  ring.writer.mark({128, 4096, -5, 7});
  ASSERT_TRUE(ring.reader.mark(mark));
  EXPECT_EQ(mark.frame, 128u);
  EXPECT_EQ(mark.sourceFrame, 4096u);
  EXPECT_EQ(mark.nanoseconds, -5);
  EXPECT_EQ(mark.generation, 7u);
}

TEST(RingStream, GoesOnWhereEitherSideAttachesAgain) {
  Ring ring({2, 48000, 64});
  writeFrames(ring.writer, 40);
  readFrames(ring.reader, 10);
  RingWriter writer(mapAgain(ring.writer.memory()));
  RingReader reader(mapAgain(ring.writer.memory()));
  EXPECT_EQ(writer.written(), 40u);
  EXPECT_EQ(reader.available(), 30u);
  EXPECT_EQ(writeFrames(writer, 20), 20u);
  const auto [got, wrong] = readFrames(reader, 64);
  EXPECT_EQ(got, 50u);
  EXPECT_EQ(wrong, 0u);
}

TEST(RingStream, TheNewestFramesAreReadAsOftenAsWantedWithZerosBeforeTheBeginning) {
  for (const Overflow overflow : {Overflow::refuse, Overflow::dropOldest}) {
    Ring ring({2, 48000, 64, overflow});
    std::vector<float> out(2 * 50, 7);
    EXPECT_EQ(ring.reader.readNewest(out.data(), 50), 0u);
    EXPECT_EQ(out, std::vector<float>(100));
    writeFrames(ring.writer, 20);
    for (int time = 0; time < 2; ++time) {
      std::fill(out.begin(), out.end(), 7.0f);
      EXPECT_EQ(ring.reader.readNewest(out.data(), 50), 20u);
      EXPECT_EQ(std::vector<float>(out.begin(), out.begin() + 60), std::vector<float>(60));
      EXPECT_EQ(test::wrongFrames({out.begin() + 60, out.end()}, 0, 20, 2), 0u);
    }
    EXPECT_EQ(ring.reader.available(), 20u);
    EXPECT_EQ(ring.reader.consumed(), 0u);
  }
}

TEST(RingStream, TheNewestFramesGoBackAsFarAsTheRingIsDeep) {
  Ring ring({2, 48000, 64, Overflow::dropOldest});
  for (std::uint64_t end = 10; end < 300; end += 10) {
    writeFrames(ring.writer, 10);
    std::vector<float> out(2 * 80, 7);
    ASSERT_EQ(ring.reader.readNewest(out.data(), 80), end);
    const auto there = static_cast<std::uint32_t>(std::min<std::uint64_t>(end, 64));
    ASSERT_EQ(std::vector<float>(out.begin(), out.end() - 2 * there), std::vector<float>(2 * (80 - there)));
    ASSERT_EQ(test::wrongFrames({out.end() - 2 * there, out.end()}, end - there, there, 2), 0u) << "after " << end;
  }
}

TEST(RingStream, WhatWasReadFromARingThatRefusesIsNotAmongTheNewest) {
  Ring ring({2, 48000, 64, Overflow::refuse});
  writeFrames(ring.writer, 30);
  readFrames(ring.reader, 10);
  std::vector<float> out(2 * 30, 7);
  EXPECT_EQ(ring.reader.readNewest(out.data(), 30), 30u);
  EXPECT_EQ(std::vector<float>(out.begin(), out.begin() + 20), std::vector<float>(20));
  EXPECT_EQ(test::wrongFrames({out.begin() + 20, out.end()}, 10, 20, 2), 0u);
}

TEST(RingStream, IsFitForTheRenderThread) {
  for (const Overflow overflow : {Overflow::refuse, Overflow::dropOldest}) {
    Ring ring({2, 48000, 64, overflow});
    const auto samples = test::framesFrom(0, 200, 2);
    std::vector<float> out(400);
    const RealtimeScope scope;
    ring.writer.write(samples.data(), 200);
    ring.writer.mark({});
    ring.writer.setState(WriterState::running);
    TimelineMark mark;
    ring.reader.mark(mark);
    ring.reader.readNewest(out.data(), 200);
    ring.reader.read(out.data(), 200);
    ring.reader.countUnderrun(1);
  }
}

TEST(RingStream, TellsWhereFramesWereLostAndHowMany) {
  Ring ring({1, 48000, 64});
  RingGap gap;
  EXPECT_FALSE(ring.reader.nextGap(gap));
  writeFrames(ring.writer, 10);
  ring.writer.gap(7);
  ring.writer.gap(0);
  ring.writer.gap(3);
  writeFrames(ring.writer, 100);   // 54 find room
  ASSERT_TRUE(ring.reader.nextGap(gap));
  EXPECT_EQ(gap.frame, 10u);
  EXPECT_EQ(gap.refused, 0u);
  EXPECT_EQ(gap.lost, 10u) << "two losses at one place are one gap";
  ASSERT_TRUE(ring.reader.nextGap(gap)) << "it was not taken";
  ring.reader.takeGap(gap);
  ASSERT_TRUE(ring.reader.nextGap(gap));
  EXPECT_EQ(gap.frame, 64u);
  EXPECT_EQ(gap.lost, 46u);
  EXPECT_EQ(gap.refused, 46u);
  ring.reader.takeGap(gap);
  EXPECT_FALSE(ring.reader.nextGap(gap));
  ring.writer.countRefused(5);
  ASSERT_TRUE(ring.reader.nextGap(gap));
  EXPECT_EQ(gap.frame, 64u) << "nothing was written behind it";
  EXPECT_EQ(gap.lost, 5u) << "what it has grown by";
}

TEST(RingStream, TellsTheLengthOfMoreGapsThanItHoldsAndTheNewestPlaces) {
  Ring ring({1, 48000, 64, Overflow::dropOldest});
  std::uint64_t lost = 0;
  for (std::uint32_t i = 1; i <= 100; ++i) {
    writeFrames(ring.writer, 1);
    ring.writer.gap(i);
    lost += i;
  }
  RingGap gap;
  std::uint32_t told = 0;
  std::uint64_t sum = 0;
  for (; ring.reader.nextGap(gap); ++told, sum += gap.lost) {
    EXPECT_EQ(gap.frame, 70u + told);
    if (told > 0) {
      EXPECT_EQ(gap.lost, gap.frame);
    }
    ring.reader.takeGap(gap);
  }
  EXPECT_EQ(told, 31u);
  EXPECT_EQ(sum, lost);
}

TEST(RingStream, ASuccessorOfAWriterGoesOnWithItsGaps) {
  Ring ring({1, 48000, 64});
  writeFrames(ring.writer, 4);
  ring.writer.gap(2);
  RingWriter next(mapAgain(ring.writer.memory()));
  next.gap(5);
  writeFrames(next, 1);
  RingGap gap;
  ASSERT_TRUE(ring.reader.nextGap(gap));
  EXPECT_EQ(gap.frame, 4u);
  EXPECT_EQ(gap.lost, 7u);
  EXPECT_EQ(ring.reader.written(), 5u);
}

}  // namespace
}  // namespace backline::transport
