#include "tests/support/seed.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace backline::test {

std::uint64_t seed() {
  const char* given = std::getenv("BACKLINE_SEED");
  const std::uint64_t value = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("seed: BACKLINE_SEED=%llu\n", static_cast<unsigned long long>(value));
  ::testing::Test::RecordProperty("seed", std::to_string(value));
  return value;
}

}  // namespace backline::test
