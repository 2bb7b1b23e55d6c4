// Page between sides that run at the same time, and when the writer is killed.

#include <gtest/gtest.h>
#include <signal.h>

#include <random>

#include "tests/support/patience.h"
#include "tests/support/seed.h"
#include "tests/transport/page_values.h"
#include "tests/transport/peer.h"
#include "transport/page.h"

namespace backline::transport {
namespace {

using backline::test::comesTrue;
using test::mapAgain;
using test::pauseAtRandom;
using test::Peer;
using test::Side;
using test::Value;

class PagePeers : public ::testing::TestWithParam<Side> {};
INSTANTIATE_TEST_SUITE_P(Page, PagePeers, ::testing::Values(Side::process, Side::thread),
                         [](const auto& info) {
                           return info.param == Side::process ? "InProcesses" : "InThreads";
                         });

TEST_P(PagePeers, NeverReadATornValueNorAnOlderOne) {
  constexpr std::uint64_t kValues = 1'000'000;
  const PageReader<Value> reader(createPage<Value>("test"));
  Peer peer(GetParam(), [&] {
    PageWriter<Value> writer(mapAgain(reader.memory()));
    for (std::uint64_t number = 1; number <= kValues; ++number) writer.publish(Value::of(number));
    return 0;
  });
  std::uint64_t last = 0;
  while (last < kValues) {
    Value value;
    if (!reader.read(value)) continue;
    ASSERT_TRUE(value.whole()) << "torn value " << value.number;
    ASSERT_GE(value.number, last) << "went backwards";
    last = value.number;
  }
  EXPECT_EQ(peer.wait(), 0);
  EXPECT_EQ(reader.version(), kValues);
}

TEST(PageKilledPeers, LeaveAWholeValueWhateverMomentTheWriterDies) {
  std::mt19937_64 random(backline::test::seed());
  PageWriter<Value> first(createPage<Value>("test"));
  first.publish(Value::of(1));
  const PageReader<Value> reader(mapAgain(first.memory()));
  std::uint64_t last = 1;
  for (int round = 0; round < 300; ++round) {
    backline::test::ChildProcess writer([&]() -> int {
      PageWriter<Value> writer(mapAgain(reader.memory()));
      for (std::uint64_t number = last;; ++number) writer.publish(Value::of(number));
    });
    // Where processes start slowly (sanitizers) nothing may come of the other rounds.
    if (round % 2 == 1) {
      ASSERT_TRUE(comesTrue([&, before = reader.version()] { return reader.version() > before; }));
    }
    pauseAtRandom(random);
    pauseAtRandom(random);
    writer.kill();
    ASSERT_EQ(writer.wait(), -SIGKILL);
    Value value;
    ASSERT_TRUE(reader.read(value)) << "nothing left to read after round " << round;
    ASSERT_TRUE(value.whole()) << "torn value after round " << round;
    ASSERT_GE(value.number, last) << "went backwards in round " << round;
    last = value.number;
  }
  EXPECT_GT(last, 1u);
}

}  // namespace
}  // namespace backline::transport
