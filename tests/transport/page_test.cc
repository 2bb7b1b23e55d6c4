#include "transport/page.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/transport/page_values.h"
#include "tests/transport/peer.h"
#include "transport/error.h"
#include "transport/realtime.h"

namespace backline::transport {
namespace {

using test::field;
using test::mapAgain;
using test::Value;

struct OtherKind : Value {
  static constexpr std::uint32_t kPageKind = 1;
};
struct OtherSize {
  static constexpr std::uint32_t kPageKind = Value::kPageKind;
  std::uint64_t number[40];
};
struct Small {
  static constexpr std::uint32_t kPageKind = 2;
  std::uint8_t bytes[3];
};

TEST(Page, IsEmptyUntilSomethingIsPublished) {
  const PageReader<Value> reader(createPage<Value>("test"));
  Value value = Value::of(7);
  EXPECT_EQ(reader.version(), 0u);
  EXPECT_FALSE(reader.read(value));
  EXPECT_EQ(value.number, 7u) << "left as it was";
}

TEST(Page, GivesTheNewestValueToEveryReader) {
  PageWriter<Value> writer(createPage<Value>("test"));
  const PageReader<Value> first(mapAgain(writer.memory()));
  const PageReader<Value> second(mapAgain(writer.memory()));
  for (std::uint64_t number = 1; number < 10; ++number) {
    writer.publish(Value::of(number));
    for (const PageReader<Value>* reader : {&first, &second}) {
      Value value;
      ASSERT_TRUE(reader->read(value));
      EXPECT_EQ(value.number, number);
      EXPECT_TRUE(value.whole());
      EXPECT_EQ(reader->version(), number);
    }
  }
}

TEST(Page, CarriesValuesThatFillNoWord) {
  PageWriter<Small> writer(createPage<Small>("test"));
  const PageReader<Small> reader(mapAgain(writer.memory()));
  writer.publish({{1, 2, 3}});
  Small value{};
  ASSERT_TRUE(reader.read(value));
  EXPECT_EQ(value.bytes[0], 1);
  EXPECT_EQ(value.bytes[2], 3);
}

TEST(Page, GoesOnWhereANewWriterAttaches) {
  PageWriter<Value> first(createPage<Value>("test"));
  first.publish(Value::of(1));
  PageWriter<Value> second(mapAgain(first.memory()));
  second.publish(Value::of(2));
  const PageReader<Value> reader(mapAgain(first.memory()));
  EXPECT_EQ(reader.version(), 2u);
}

TEST(Page, IsRefusedIfItIsOfAnotherKindOrSize) {
  const SharedMemory memory = createPage<Value>("test");
  EXPECT_THROW(PageReader<OtherKind> reader(mapAgain(memory)), TransportError);
  EXPECT_THROW(PageWriter<OtherKind> writer(mapAgain(memory)), TransportError);
  EXPECT_THROW(PageReader<OtherSize> reader(mapAgain(memory)), TransportError);
  EXPECT_THROW(PageReader<Value> reader(SharedMemory::create("test", 8)), TransportError);
  EXPECT_THROW(PageReader<Value> reader(SharedMemory::create("test", memory.bytes().size())), TransportError);
}

TEST(Page, IsRefusedForEachFieldThatIsWrong) {
  for (const std::size_t offset : {offsetof(PageIdentity, magic), offsetof(PageIdentity, version),
                                   offsetof(PageIdentity, kind), offsetof(PageIdentity, valueBytes)}) {
    const SharedMemory memory = createPage<Value>("test");
    field<std::uint32_t>(memory, offset) += 1;
    EXPECT_THROW(PageReader<Value> reader(mapAgain(memory)), TransportError) << "field at " << offset;
    EXPECT_THROW(PageWriter<Value> writer(mapAgain(memory)), TransportError) << "field at " << offset;
  }
}

TEST(Page, DoesNotGiveWhatTheSequencesDeny) {
  PageWriter<Value> writer(createPage<Value>("test"));
  const PageReader<Value> reader(mapAgain(writer.memory()));
  writer.publish(Value::of(1));
  constexpr std::size_t kPublished = offsetof(PageLayout<sizeof(Value)>, value);
  for (const std::uint64_t nonsense :
       {std::uint64_t{2}, std::uint64_t{3}, std::numeric_limits<std::uint64_t>::max()}) {
    field<std::uint64_t>(writer.memory(), kPublished) = nonsense;
    Value value;
    EXPECT_FALSE(reader.read(value)) << nonsense;
  }
}

TEST(Page, IsFitForTheRenderThread) {
  PageWriter<Value> writer(createPage<Value>("test"));
  const PageReader<Value> reader(mapAgain(writer.memory()));
  Value value;
  const RealtimeScope scope;
  writer.publish(value);
  reader.read(value);
}

}  // namespace
}  // namespace backline::transport
