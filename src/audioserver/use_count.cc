#include "audioserver/use_count.h"

#include "audioserver/paced_thread.h"

namespace backline::audioserver {
namespace {

constexpr std::int64_t kPollNanoseconds = 50'000;  // a callback takes less than a period

}  // namespace

void UseCount::waitUntilUnused() const {
  const std::uint64_t seen = uses_.load();
  if (seen % 2 == 0) return;
  while (uses_.load() == seen) sleepUntil(nowNanoseconds() + kPollNanoseconds);
}

}  // namespace backline::audioserver
