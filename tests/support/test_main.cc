#include <gtest/gtest.h>

#include "tests/support/realtime_guard.h"

namespace {

class FailsOffendingTests : public ::testing::EmptyTestEventListener {
  void OnTestEnd(const ::testing::TestInfo&) override {
    const auto offences = backline::test::takeOffences();
    if (offences.empty()) return;
    ADD_FAILURE() << offences.size()
                  << " calls inside a RealtimeScope that a render thread must not make. The first: "
                  << backline::test::describe(offences.front());
  }
};

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  ::testing::UnitTest::GetInstance()->listeners().Append(new FailsOffendingTests);
  return RUN_ALL_TESTS();
}
