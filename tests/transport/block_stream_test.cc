#include "transport/block_stream.h"

#include <gtest/gtest.h>

#include "tests/transport/messages.h"
#include "transport/error.h"
#include "transport/realtime.h"

namespace backline::transport {
namespace {

using test::mapAgain;
using test::messageOf;
using Result = BlockReader::Result;

TEST(BlockStream, RefusesAnImpossibleCapacity) {
  EXPECT_THROW(createBlockStream("test", 0), TransportError);
  EXPECT_THROW(createBlockStream("test", 0xffffffffu), TransportError);
}

TEST(BlockStream, CarriesRecordsOfAllLengthsThroughManyWraps) {
  BlockWriter writer(createBlockStream("test", 300));
  BlockReader reader(mapAgain(writer.memory()));
  EXPECT_EQ(writer.maxRecord(), 512u / 2 - 8);
  std::vector<std::byte> message;
  for (std::uint32_t round = 0; round < 20; ++round) {
    for (std::uint32_t length = 16; length <= writer.maxRecord(); ++length) {
      ASSERT_EQ(reader.read(message), Result::none);
      ASSERT_TRUE(writer.tryWrite(messageOf(length, length)));
      ASSERT_FALSE(reader.empty());
      ASSERT_EQ(reader.read(message), Result::message);
      ASSERT_EQ(message, messageOf(length, length));
      ASSERT_TRUE(reader.empty());
    }
  }
}

TEST(BlockStream, ChangesNothingIfARecordDoesNotFit) {
  BlockWriter writer(createBlockStream("test", 256));
  BlockReader reader(mapAgain(writer.memory()));
  std::uint64_t taken = 0;
  while (writer.tryWrite(messageOf(taken, 40))) ++taken;
  EXPECT_EQ(taken, 256u / 48);
  std::vector<std::byte> message;
  for (std::uint64_t number = 0; number < taken; ++number) {
    ASSERT_EQ(reader.read(message), Result::message);
    EXPECT_EQ(message, messageOf(number, 40));
  }
  EXPECT_EQ(reader.read(message), Result::none);
}

TEST(BlockStream, NeverTakesARecordLongerThanTheLongest) {
  BlockWriter writer(createBlockStream("test", 256));
  EXPECT_TRUE(writer.tryWrite(messageOf(1, writer.maxRecord())));
  EXPECT_TRUE(writer.tryWrite(messageOf(2, writer.maxRecord()))) << "two of the longest fit at once";
  BlockWriter other(createBlockStream("test", 256));
  EXPECT_FALSE(other.tryWrite(messageOf(1, other.maxRecord() + 1)));
}

TEST(BlockStream, GivesRecordsToReadersThatMayNotAllocate) {
  BlockWriter writer(createBlockStream("test", 256));
  BlockReader reader(mapAgain(writer.memory()));
  std::byte buffer[64];
  const auto message = messageOf(5, 33);
  std::uint32_t length = 0;
  bool written = false;
  std::uint32_t none = 1;
  {
    const RealtimeScope scope;
    written = writer.tryWrite(message) && writer.tryWrite({});
    length = reader.readRecord(buffer);
    none = reader.readRecord(buffer);
  }
  EXPECT_TRUE(written);
  ASSERT_EQ(length, 33u);
  EXPECT_TRUE(test::isWhole({buffer, length}));
  EXPECT_EQ(none, 0u);
  EXPECT_FALSE(reader.corrupt());
}

TEST(BlockStream, CountsARecordLongerThanTheBufferAsCorrupt) {
  BlockWriter writer(createBlockStream("test", 256));
  BlockReader reader(mapAgain(writer.memory()));
  writer.tryWrite(messageOf(1, 32));
  std::byte buffer[31];
  EXPECT_EQ(reader.readRecord(buffer), 0u);
  EXPECT_TRUE(reader.corrupt());
}

TEST(MessageWriter, SplitsWhatIsLongerThanARecord) {
  MessageWriter writer(createBlockStream("test", 256));
  BlockReader reader(mapAgain(writer.memory()));
  std::vector<std::byte> message;
  for (const std::size_t length : {16u, 120u, 121u, 240u, 241u, 5000u}) {
    bool done = writer.send(messageOf(length, length));
    Result result = Result::none;
    while ((result = reader.read(message)) == Result::none) done = writer.flush();
    EXPECT_TRUE(done) << length;
    ASSERT_EQ(result, Result::message);
    EXPECT_EQ(message, messageOf(length, length));
  }
  EXPECT_EQ(reader.read(message), Result::none);
}

TEST(MessageWriter, KeepsInOrderWhatMustWait) {
  MessageWriter writer(createBlockStream("test", 256));
  BlockReader reader(mapAgain(writer.memory()));
  std::size_t sent = 0;
  for (std::uint64_t number = 0; number < 100; ++number) {
    sent += 16 + number * 7;
    writer.send(messageOf(number, 16 + number * 7));
  }
  EXPECT_GT(writer.waitingBytes(), sent - 256);
  EXPECT_LT(writer.waitingBytes(), sent);
  std::vector<std::byte> message;
  for (std::uint64_t number = 0; number < 100;) {
    const Result result = reader.read(message);
    if (result == Result::none) {
      writer.flush();
      continue;
    }
    ASSERT_EQ(result, Result::message);
    ASSERT_EQ(message, messageOf(number, 16 + number * 7));
    ++number;
  }
  EXPECT_EQ(writer.waitingBytes(), 0u);
}

TEST(MessageWriter, CarriesMessagesWithoutBytes) {
  MessageWriter writer(createBlockStream("test", 64));
  BlockReader reader(mapAgain(writer.memory()));
  std::vector<std::byte> message(3);
  EXPECT_TRUE(writer.send({}));
  EXPECT_EQ(reader.read(message), Result::message);
  EXPECT_TRUE(message.empty());
}

TEST(MessageWriter, OfANewProcessStartsAfreshAfterAHalfMessage) {
  MessageWriter dead(createBlockStream("test", 256));
  BlockReader reader(mapAgain(dead.memory()));
  EXPECT_FALSE(dead.send(messageOf(1, 1000)));
  std::vector<std::byte> message;
  EXPECT_EQ(reader.read(message), Result::none);
  MessageWriter next(mapAgain(dead.memory()));
  EXPECT_TRUE(next.send(messageOf(2, 20)));
  ASSERT_EQ(reader.read(message), Result::message);
  EXPECT_EQ(message, messageOf(2, 20));
}

}  // namespace
}  // namespace backline::transport
