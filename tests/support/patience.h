#pragma once

#include <chrono>
#include <thread>

namespace backline::test {

/// False if it never does, though there was patience.
template <class Condition>
bool comesTrue(Condition condition) {
  for (int i = 0; i < 4000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace backline::test
