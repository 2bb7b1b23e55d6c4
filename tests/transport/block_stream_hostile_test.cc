// BlockStream against a peer that writes what it likes into the segment.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <limits>
#include <random>

#include "tests/support/seed.h"
#include "tests/transport/messages.h"
#include "transport/block_layout.h"
#include "transport/block_stream.h"
#include "transport/error.h"

namespace backline::transport {
namespace {

using test::field;
using test::mapAgain;
using test::messageOf;
using Result = BlockReader::Result;

constexpr std::size_t kWritten = offsetof(BlockHeader, written);
constexpr std::size_t kRead = offsetof(BlockHeader, read);
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

template <class T>
std::string errorWith(std::size_t offset, T value) {
  const SharedMemory memory = createBlockStream("test", 256);
  field<T>(memory, offset) = value;
  std::string text;
  try {
    BlockReader reader(mapAgain(memory));
  } catch (const TransportError& error) {
    text = error.what();
  }
  EXPECT_THROW(BlockWriter writer(mapAgain(memory)), TransportError);
  EXPECT_THROW(MessageWriter writer(mapAgain(memory)), TransportError);
  return text;
}

TEST(HostileBlockStream, IsRefusedForEachFieldThatIsWrong) {
  using Id = BlockIdentity;
  const auto names = [](const std::string& text, const char* what) {
    EXPECT_NE(text.find(what), std::string::npos) << text;
  };
  names(errorWith<std::uint32_t>(offsetof(Id, magic), 1), "magic");
  names(errorWith<std::uint32_t>(offsetof(Id, version), 2), "version 2, expected 1");
  names(errorWith<std::uint32_t>(offsetof(Id, capacityBytes), 0), "capacityBytes");
  names(errorWith<std::uint32_t>(offsetof(Id, capacityBytes), 32), "capacityBytes");
  names(errorWith<std::uint32_t>(offsetof(Id, capacityBytes), 255), "power of two");
  names(errorWith<std::uint32_t>(offsetof(Id, capacityBytes), 512), "the segment has");
  names(errorWith<std::uint32_t>(offsetof(Id, capacityBytes), 1u << 31), "capacityBytes");
  names(errorWith<std::uint64_t>(kWritten, 264), "impossible counters");
  names(errorWith<std::uint64_t>(kWritten, 4), "impossible counters");
  names(errorWith<std::uint64_t>(kRead, 8), "impossible counters");
}

TEST(HostileBlockStream, IsRefusedIfTheSegmentIsTooSmallForAHeader) {
  const SharedMemory memory = SharedMemory::create("test", 100);
  EXPECT_THROW(BlockReader reader(mapAgain(memory)), TransportError);
}

/// What a reader says of a stream with one record after `spoil` had its way with it.
template <class Spoil>
Result resultAfter(Spoil spoil) {
  BlockWriter writer(createBlockStream("test", 256));
  BlockReader reader(mapAgain(writer.memory()));
  EXPECT_TRUE(writer.tryWrite(messageOf(1, 32)));
  spoil(writer.memory());
  std::vector<std::byte> message;
  const Result result = reader.read(message);
  EXPECT_EQ(reader.corrupt(), result == Result::corrupt);
  EXPECT_EQ(reader.read(message), result == Result::corrupt ? Result::corrupt : Result::none)
      << "corrupt is final";
  return result;
}

void writePrefix(const SharedMemory& memory, std::uint32_t lengthAndFlags) {
  field<RecordPrefix>(memory, sizeof(BlockHeader)) = {lengthAndFlags,
                                                      RecordPrefix::checkOf(0, lengthAndFlags)};
}

TEST(HostileBlockStream, IsCorruptIfACounterIsImpossible) {
  EXPECT_EQ(resultAfter([](const SharedMemory&) {}), Result::message);
  for (const std::uint64_t written :
       {std::uint64_t{264}, std::uint64_t{7}, std::uint64_t{1} << 40, kMost - 7}) {
    EXPECT_EQ(
        resultAfter([&](const SharedMemory& memory) { field<std::uint64_t>(memory, kWritten) = written; }),
        Result::corrupt)
        << written;
  }
}

TEST(HostileBlockStream, IsCorruptIfAPrefixIsImpossible) {
  const auto with = [](std::uint32_t lengthAndFlags) {
    return resultAfter([&](const SharedMemory& memory) { writePrefix(memory, lengthAndFlags); });
  };
  EXPECT_EQ(with(32), Result::message);
  EXPECT_EQ(with(33), Result::corrupt) << "reaches beyond what was written";
  EXPECT_EQ(resultAfter([](const SharedMemory& memory) {
              field<std::uint64_t>(memory, kWritten) = 256;
              writePrefix(memory, 121);
            }),
            Result::corrupt)
      << "longer than the longest record";
  EXPECT_EQ(with(RecordPrefix::kLengthMask), Result::corrupt);
  EXPECT_EQ(with(RecordPrefix::kContinues | 32), Result::corrupt) << "continues what did not begin";
  EXPECT_EQ(
      resultAfter([](const SharedMemory& memory) { field<std::uint32_t>(memory, sizeof(BlockHeader)) = 16; }),
      Result::corrupt)
      << "the check does not belong to the length";
}

TEST(HostileBlockStream, FragmentsAreCorruptToReadersOfRecords) {
  BlockWriter writer(createBlockStream("test", 256));
  BlockReader reader(mapAgain(writer.memory()));
  writer.tryWrite(messageOf(1, 32));
  writePrefix(writer.memory(), RecordPrefix::kMoreFollows | 32);
  std::byte buffer[64];
  EXPECT_EQ(reader.readRecord(buffer), 0u);
  EXPECT_TRUE(reader.corrupt());
}

TEST(HostileBlockStream, TakesNothingIfReadIsNonsense) {
  BlockWriter writer(createBlockStream("test", 256));
  for (const std::uint64_t read : {std::uint64_t{8}, std::uint64_t{1} << 40, kMost - 1000}) {
    field<std::uint64_t>(writer.memory(), kRead) = read;
    EXPECT_FALSE(writer.tryWrite(messageOf(1, 16))) << read;
  }
}

TEST(HostileBlockStream, DoesNotFollowACapacityThatChangesLater) {
  BlockWriter writer(createBlockStream("test", 256));
  BlockReader reader(mapAgain(writer.memory()));
  field<std::uint32_t>(writer.memory(), offsetof(BlockIdentity, capacityBytes)) = 1u << 28;
  std::vector<std::byte> message;
  EXPECT_EQ(writer.maxRecord(), 120u);
  for (std::uint64_t number = 0; number < 100; ++number) {
    ASSERT_TRUE(writer.tryWrite(messageOf(number, 120)));
    ASSERT_EQ(reader.read(message), Result::message);
    ASSERT_EQ(message, messageOf(number, 120));
  }
}

// A process scribbles over the segment, good prefixes among the noise, while this one writes and reads.
TEST(HostileBlockStream, CannotLeadEitherSideOutOfBounds) {
  std::mt19937_64 random(backline::test::seed());
  const SharedMemory memory = createBlockStream("test", 256);
  auto& written = field<std::atomic<std::uint64_t>>(memory, kWritten);
  auto& read = field<std::atomic<std::uint64_t>>(memory, kRead);
  backline::test::ChildProcess hostile([&, start = random()]() -> int {
    std::mt19937_64 noise(start);
    for (;;) {
      const std::uint64_t place = read.load(std::memory_order_relaxed);
      const auto length = static_cast<std::uint32_t>(noise() % 130 | (noise() % 4) << 30);
      const std::uint64_t prefix = length | std::uint64_t{RecordPrefix::checkOf(place, length)} << 32;
      const std::size_t next = sizeof(BlockHeader) + (place & 248);
      switch (noise() % 64) {
        case 0:
          read.store(noise() % 64 * 8, std::memory_order_relaxed);
          break;
        case 1:
          written.store(noise(), std::memory_order_relaxed);
          break;
        case 2:
          field<std::atomic<std::uint64_t>>(memory, sizeof(BlockHeader) + noise() % 32 * 8) = noise();
          break;
        default:
          field<std::atomic<std::uint64_t>>(memory, next).store(prefix, std::memory_order_relaxed);
          if (noise() % 8 == 0) written.store(place + noise() % 33 * 8, std::memory_order_relaxed);
      }
    }
  });
  const auto record = messageOf(1, 100);
  int taken = 0;
  std::vector<std::byte> message;
  std::byte buffer[96];
  for (int i = 0; i < 20'000; ++i) {
    read = 0;
    written = 0;
    try {
      BlockWriter writer(mapAgain(memory));
      BlockReader reader(mapAgain(memory));
      for (int step = 0; step < 20 && !reader.corrupt(); ++step) {
        writer.tryWrite(record);
        const std::uint32_t length = random() % 2 == 0 ? reader.readRecord(buffer) : 0;
        ASSERT_LE(length, sizeof buffer);
        if (length > 0 || reader.read(message) == Result::message) ++taken;
      }
    } catch (const TransportError&) {
      // The noise was quicker than the attaching, and was seen.
    }
  }
  hostile.kill();
  EXPECT_EQ(hostile.wait(), -SIGKILL);
  EXPECT_GT(taken, 0) << "the noise never passed for a record, so nothing was tried";
}

}  // namespace
}  // namespace backline::transport
