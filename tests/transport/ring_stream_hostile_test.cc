// RingStream against a peer that writes what it likes into the segment.

#include <gtest/gtest.h>
#include <signal.h>

#include <limits>

#include "tests/support/seed.h"
#include "tests/transport/ring_samples.h"
#include "transport/error.h"
#include "transport/ring_layout.h"

namespace backline::transport {
namespace {

using test::field;
using test::mapAgain;

constexpr std::size_t kWritten = offsetof(RingHeader, writer) + offsetof(RingWriterLine, written);
constexpr std::size_t kClaimed = offsetof(RingHeader, writer) + offsetof(RingWriterLine, claimed);
constexpr std::size_t kConsumed = offsetof(RingHeader, reader) + offsetof(RingReaderLine, consumed);
constexpr std::uint32_t kCanary = 0x12345678;

template <class T>
std::string errorWith(std::size_t offset, T value) {
  const SharedMemory memory = createRingStream("test", {2, 48000, 64});
  field<T>(memory, offset) = value;
  std::string text;
  try {
    RingReader reader(mapAgain(memory));
  } catch (const TransportError& error) {
    text = error.what();
  }
  EXPECT_THROW(RingWriter writer(mapAgain(memory)), TransportError);
  return text;
}

TEST(HostileRingStream, IsRefusedForEachFieldThatIsWrong) {
  using Id = RingIdentity;
  const auto names = [](const std::string& text, const char* what) {
    EXPECT_NE(text.find(what), std::string::npos) << text;
  };
  names(errorWith<std::uint32_t>(offsetof(Id, magic), 1), "magic");
  names(errorWith<std::uint32_t>(offsetof(Id, version), 1), "version 1, expected 2");
  names(errorWith<std::uint32_t>(offsetof(Id, channels), 0), "channels");
  names(errorWith<std::uint32_t>(offsetof(Id, channels), 33), "channels");
  names(errorWith<std::uint32_t>(offsetof(Id, channels), 3), "the segment has");
  names(errorWith<float>(offsetof(Id, sampleRate), std::numeric_limits<float>::quiet_NaN()), "sampleRate");
  names(errorWith<std::uint32_t>(offsetof(Id, capacityFrames), 0), "capacityFrames");
  names(errorWith<std::uint32_t>(offsetof(Id, capacityFrames), 63), "power of two");
  names(errorWith<std::uint32_t>(offsetof(Id, capacityFrames), 128), "the segment has");
  names(errorWith<std::uint32_t>(offsetof(Id, capacityFrames), 1u << 31), "capacityFrames");
  names(errorWith<std::uint32_t>(offsetof(Id, overflow), 2), "overflow");
  names(errorWith<std::uint64_t>(kConsumed, 1), "impossible counters");
  names(errorWith<std::uint64_t>(kWritten, std::numeric_limits<std::uint64_t>::max()), "impossible counters");
  names(errorWith<std::uint64_t>(kWritten, 65), "impossible counters");
}

TEST(HostileRingStream, IsRefusedIfTheSegmentIsTooSmallForAHeader) {
  const SharedMemory memory = SharedMemory::create("test", 100);
  EXPECT_THROW(RingReader reader(mapAgain(memory)), TransportError);
  EXPECT_THROW(RingWriter writer(mapAgain(memory)), TransportError);
}

TEST(HostileRingStream, GivesNothingIfWrittenIsNonsense) {
  RingReader reader(createRingStream("test", {2, 48000, 64, Overflow::refuse}));
  std::vector<float> out(200);
  for (const std::uint64_t written : {std::uint64_t{65}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    field<std::uint64_t>(reader.memory(), kWritten) = written;
    EXPECT_EQ(reader.available(), 0u) << written;
    EXPECT_EQ(reader.read(out.data(), 100), 0u) << written;
  }
}

TEST(HostileRingStream, TellsOfGapsThatMayBeAnythingAndNeverWithoutEnd) {
  RingReader reader(createRingStream("test", {1, 48000, 64}));
  constexpr std::size_t kGaps = offsetof(RingHeader, gaps);
  RingGap gap;
  for (const std::uint64_t count : {std::uint64_t{1}, std::uint64_t{31}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    field<std::uint64_t>(reader.memory(), kGaps + offsetof(RingGapLog, count)) = count;
    for (std::uint32_t slot = 0; slot < kRingGaps; ++slot) {
      field<std::uint64_t>(reader.memory(), kGaps + offsetof(RingGapLog, slots) + slot * sizeof(RingGapSlot) + 8) = ~std::uint64_t{0} - slot;
    }
    std::uint32_t told = 0;
    while (reader.nextGap(gap) && told <= kRingGaps) {
      reader.takeGap(gap);
      ++told;
    }
    EXPECT_LE(told, kRingGaps) << count;
  }
}

TEST(HostileRingStream, GivesNothingIfWrittenRunsBackwards) {
  for (const Overflow overflow : {Overflow::refuse, Overflow::dropOldest}) {
    const SharedMemory memory = createRingStream("test", {2, 48000, 64, overflow});
    RingWriter writer(mapAgain(memory));
    RingReader reader(mapAgain(memory));
    test::writeFrames(writer, 50);
    EXPECT_EQ(test::readFrames(reader, 40).frames, 40u);
    field<std::uint64_t>(memory, kWritten) = 5;
    EXPECT_EQ(reader.available(), 0u);
    EXPECT_EQ(test::readFrames(reader, 40).frames, 0u);
  }
}

TEST(HostileRingStream, TheNewestFramesAreZerosIfTheCountersAreNonsense) {
  const SharedMemory memory = createRingStream("test", {2, 48000, 64, Overflow::dropOldest});
  RingWriter writer(mapAgain(memory));
  RingReader reader(mapAgain(memory));
  test::writeFrames(writer, 100);
  std::vector<float> out(2 * 30);
  for (const std::uint64_t written : {kMaxRingCounter + 1, ~std::uint64_t{0}}) {
    field<std::uint64_t>(memory, kWritten) = written;
    std::fill(out.begin(), out.end(), 7.0f);
    EXPECT_EQ(reader.readNewest(out.data(), 30), 0u) << written;
    EXPECT_EQ(out, std::vector<float>(60));
  }
  field<std::uint64_t>(memory, kWritten) = 100;
  for (const std::uint64_t claimed : {std::uint64_t{0}, std::uint64_t{1000}, ~std::uint64_t{0}}) {
    field<std::uint64_t>(memory, kClaimed) = claimed;
    std::fill(out.begin(), out.end(), 7.0f);
    EXPECT_EQ(reader.readNewest(out.data(), 30), 0u) << claimed;
    EXPECT_EQ(out, std::vector<float>(60));
  }
}

TEST(HostileRingStream, TakesNothingIfConsumedIsNonsense) {
  RingWriter writer(createRingStream("test", {2, 48000, 64, Overflow::refuse}));
  for (const std::uint64_t consumed : {std::uint64_t{1}, std::uint64_t{1} << 40, ~std::uint64_t{0} - 1000}) {
    field<std::uint64_t>(writer.memory(), kConsumed) = consumed;
    EXPECT_EQ(writer.space(), 0u) << consumed;
    EXPECT_EQ(test::writeFrames(writer, 10), 0u) << consumed;
  }
}

TEST(HostileRingStream, DoesNotFollowAFormatThatChangesLater) {
  const SharedMemory memory = createRingStream("test", {2, 48000, 64});
  RingWriter writer(mapAgain(memory));
  RingReader reader(mapAgain(memory));
  field<std::uint32_t>(memory, offsetof(RingIdentity, channels)) = 32;
  field<std::uint32_t>(memory, offsetof(RingIdentity, capacityFrames)) = 1u << 24;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(test::writeFrames(writer, 100), 64u);
    const auto [got, wrong] = test::readFrames(reader, 100);
    EXPECT_EQ(got, 64u);
    EXPECT_EQ(wrong, 0u);
  }
}

TEST(HostileRingStream, StateOutOfRangeIsAnEnd) {
  RingReader reader(createRingStream("test", {2, 48000, 64}));
  field<std::uint32_t>(reader.memory(), offsetof(RingHeader, writer) + offsetof(RingWriterLine, state)) = 99;
  EXPECT_EQ(reader.writerState(), WriterState::ended);
}

TEST(HostileRingStream, FramesThatADeadWriterToreAreNotGivenAfterASuccessorCame) {
  const SharedMemory memory = createRingStream("test", {2, 48000, 64, Overflow::dropOldest});
  RingReader reader(mapAgain(memory));
  {
    RingWriter dead(mapAgain(memory));
    test::writeFrames(dead, 100);
  }
  // It died over the slots of frames 100 … 109, which held frames 36 … 45.
  field<std::uint64_t>(memory, kClaimed) = 110;
  for (std::size_t frame = 100; frame < 110; ++frame) {
    field<float>(memory, sizeof(RingHeader) + frame % 64 * 2 * sizeof(float)) = -1;
  }
  RingWriter successor(mapAgain(memory));
  test::writeFrames(successor, 1);
  const auto [got, wrong] = test::readFrames(reader, 100);
  EXPECT_EQ(wrong, 0u) << "torn frames, of " << got;
  EXPECT_EQ(got, 55u) << "frames 46 … 100";
  EXPECT_EQ(reader.dropped(), 46u);
}

// A process scribbles over the whole segment while this one uses it. Whatever is returned is bounded, and
// nothing beyond the buffers is touched.
TEST(HostileRingStream, CannotLeadEitherSideOutOfBounds) {
  std::mt19937_64 random(backline::test::seed());
  for (const Overflow overflow : {Overflow::refuse, Overflow::dropOldest}) {
    const SharedMemory memory = createRingStream("test", {2, 48000, 64, overflow});
    RingWriter writer(mapAgain(memory));
    RingReader reader(mapAgain(memory));
    backline::test::ChildProcess hostile([&, start = random()]() -> int {
      std::mt19937_64 noise(start);
      const std::size_t words = memory.bytes().size() / sizeof(std::uint64_t);
      for (;;) {
        const std::size_t offsets[] = {kWritten, kClaimed, kConsumed,
                                       noise() % words * sizeof(std::uint64_t)};
        const std::uint64_t values[] = {noise(), noise() % 256, reader.consumed() + noise() % 100,
                                        ~noise() % 8};
        auto& word = field<std::atomic<std::uint64_t>>(memory, offsets[noise() % 4]);
        word.store(values[noise() % 4], std::memory_order_relaxed);
      }
    });
    std::vector<float> samples = test::framesFrom(0, 100, 2);
    std::vector<float> out(202, std::bit_cast<float>(kCanary));
    for (int i = 0; i < 200'000; ++i) {
      const auto frames = static_cast<std::uint32_t>(random() % 101);
      ASSERT_LE(writer.write(samples.data(), frames), frames);
      ASSERT_LE(writer.fill(), 64u);
      ASSERT_LE(reader.available(), 64u);
      ASSERT_LE(reader.read(out.data(), frames), frames);
      ASSERT_LE(reader.readNewest(out.data(), frames), kMaxRingCounter);
      ASSERT_EQ(std::bit_cast<std::uint32_t>(out[200]), kCanary);
      TimelineMark mark;
      writer.mark(mark);
      reader.mark(mark);
    }
    hostile.kill();
    EXPECT_EQ(hostile.wait(), -SIGKILL);
  }
}

}  // namespace
}  // namespace backline::transport
