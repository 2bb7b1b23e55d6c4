// An add-on for a render host that runs JavaScript: as soon as the walls stand, a thread of its own tries them, and says on standard error
// what they let through.

#include <node_api.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "tests/host/denied_calls.h"

namespace {

constexpr auto kPatience = std::chrono::seconds(60);

void probe() {
  using namespace backline::host::test;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (access("/", F_OK) == 0) {   // a filter alone is no wall: there is one from the start that forbids rings
    if (std::chrono::steady_clock::now() > end) {
      std::fprintf(stderr, "probe: no walls\n");
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const std::string allowed = callsNotDenied();
  std::fprintf(stderr, "probe: %s\n", allowed.empty() ? "all denied" : allowed.c_str());
}

}  // namespace

NAPI_MODULE_INIT() {
  (void)env;
  std::thread(probe).detach();
  return exports;
}
