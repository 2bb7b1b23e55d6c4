// BlockStream between two sides that run at the same time, and when one of them is killed.

#include <gtest/gtest.h>
#include <signal.h>

#include <random>

#include "tests/support/patience.h"
#include "tests/support/seed.h"
#include "tests/transport/messages.h"
#include "transport/block_stream.h"

namespace backline::transport {
namespace {

using backline::test::ChildProcess;
using backline::test::comesTrue;
using backline::test::seed;
using test::isWhole;
using test::mapAgain;
using test::messageOf;
using test::numberOf;
using test::pauseAtRandom;
using test::Peer;
using test::Side;
using Result = BlockReader::Result;
using Random = std::mt19937_64;

std::size_t randomLength(Random& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(16, most)(random);
}

class BlockStreamPeers : public ::testing::TestWithParam<Side> {};
INSTANTIATE_TEST_SUITE_P(BlockStream, BlockStreamPeers, ::testing::Values(Side::process, Side::thread),
                         [](const auto& info) {
                           return info.param == Side::process ? "InProcesses" : "InThreads";
                         });

TEST_P(BlockStreamPeers, PassMessagesOfAllLengthsWholeAndInOrder) {
  const std::uint64_t start = seed();
  constexpr std::uint64_t kMessages = 5000;
  BlockReader reader(createBlockStream("test", 1024));
  Peer peer(GetParam(), [&] {
    MessageWriter writer(mapAgain(reader.memory()));
    Random random(start);
    for (std::uint64_t number = 0; number < kMessages; ++number) {
      writer.send(messageOf(number, randomLength(random, number % 10 == 0 ? 5000 : 200)));
      while (writer.waitingBytes() > 4096) {
        writer.flush();
        std::this_thread::yield();
      }
    }
    while (!writer.flush()) std::this_thread::yield();
    return 0;
  });
  std::vector<std::byte> message;
  for (std::uint64_t number = 0; number < kMessages;) {
    const Result result = reader.read(message);
    if (result == Result::none) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(result, Result::message);
    ASSERT_TRUE(isWhole(message)) << "message " << number;
    ASSERT_EQ(numberOf(message), number);
    ++number;
  }
  EXPECT_EQ(peer.wait(), 0);
  EXPECT_TRUE(reader.empty());
}

TEST_P(BlockStreamPeers, PassRecordsWithoutAllocating) {
  const std::uint64_t start = seed();
  constexpr std::uint64_t kRecords = 50'000;
  BlockReader reader(createBlockStream("test", 1024));
  Peer peer(GetParam(), [&] {
    BlockWriter writer(mapAgain(reader.memory()));
    Random random(start);
    for (std::uint64_t number = 0; number < kRecords; ++number) {
      const auto record = messageOf(number, randomLength(random, 64));
      while (!writer.tryWrite(record)) std::this_thread::yield();
    }
    return 0;
  });
  std::byte buffer[64];
  for (std::uint64_t number = 0; number < kRecords;) {
    const std::uint32_t length = reader.readRecord(buffer);
    ASSERT_FALSE(reader.corrupt()) << "at record " << number;
    if (length == 0) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_TRUE(isWhole({buffer, length})) << "record " << number;
    ASSERT_EQ(numberOf({buffer, length}), number);
    ++number;
  }
  EXPECT_EQ(peer.wait(), 0);
}

TEST(BlockStreamKilledPeers, LeaveWholeMessagesWhateverMomentTheWriterDies) {
  Random random(seed());
  BlockReader reader(createBlockStream("test", 1024));
  std::uint64_t messages = 0;
  for (int round = 0; round < 200; ++round) {
    ChildProcess writer([&, start = random()]() -> int {
      MessageWriter writer(mapAgain(reader.memory()));
      Random lengths(start);
      for (std::uint64_t number = 0;;) {
        if (writer.flush()) writer.send(messageOf(number++, randomLength(lengths, 3000)));
      }
    });
    // Where processes start slowly (sanitizers) nothing may come of the other rounds.
    if (round % 2 == 1) {
      ASSERT_TRUE(comesTrue([&] { return !reader.empty(); }));
    }
    std::uint64_t expected = 0;
    std::vector<std::byte> message;
    const auto readAll = [&] {
      Result result = Result::none;
      while ((result = reader.read(message)) == Result::message) {
        ASSERT_TRUE(isWhole(message)) << "round " << round;
        ASSERT_EQ(numberOf(message), expected) << "round " << round;
        ++expected;
      }
      ASSERT_EQ(result, Result::none) << "round " << round;
    };
    for (int i = 0; i < 10; ++i) {
      pauseAtRandom(random);
      readAll();
    }
    writer.kill();
    readAll();
    ASSERT_EQ(writer.wait(), -SIGKILL);
    readAll();
    if (HasFatalFailure()) return;
    messages += expected;
  }
  EXPECT_GT(messages, 0u);
}

TEST(BlockStreamKilledPeers, LetTheNextReaderGoOnWhateverMomentTheLastOneDies) {
  Random random(seed());
  BlockWriter writer(createBlockStream("test", 1024));
  std::uint64_t written = 0;
  for (int round = 0; round < 200; ++round) {
    ChildProcess reader([&]() -> int {
      BlockReader reader(mapAgain(writer.memory()));
      std::byte buffer[512];
      for (;;) {
        const std::uint32_t length = reader.readRecord(buffer);
        if (reader.corrupt() || (length > 0 && !isWhole({buffer, length}))) return 1;
      }
    });
    for (int i = 0; i < 20; ++i) {
      written += writer.tryWrite(messageOf(written, randomLength(random, 300))) ? 1 : 0;
      pauseAtRandom(random);
    }
    reader.kill();
    ASSERT_EQ(reader.wait(), -SIGKILL) << "1: the reader found a broken record, in round " << round;
  }
  BlockReader last(mapAgain(writer.memory()));
  std::vector<std::byte> message;
  while (last.read(message) == Result::message) EXPECT_TRUE(isWhole(message));
  EXPECT_FALSE(last.corrupt());
  EXPECT_TRUE(last.empty());
}

}  // namespace
}  // namespace backline::transport
