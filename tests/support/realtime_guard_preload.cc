// librealtime_guard.so, for LD_PRELOAD into a program that is no test: the first offences are written to
// standard error with their call stacks, the rest are counted. With BACKLINE_REALTIME_GUARD=abort the first
// one aborts.

#include <execinfo.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/support/interpose.h"

namespace {

constexpr unsigned kReported = 16;

std::atomic<unsigned> reported{0};
bool aborting = false;

void reportOffence(const char* call, void* const* frames, int count) {
  const unsigned number = ++reported;
  if (number <= kReported) {
    char line[160];
    const int length = std::snprintf(line, sizeof line,
                                     "realtime guard: %s inside a render quantum, offence %u of process %d\n",
                                     call, number, static_cast<int>(::getpid()));
    if (::write(STDERR_FILENO, line, static_cast<std::size_t>(length)) < 0) return;
    ::backtrace_symbols_fd(frames, count, STDERR_FILENO);
  }
  if (aborting) std::abort();
}

__attribute__((constructor)) void begin() {
  const char* mode = std::getenv("BACKLINE_REALTIME_GUARD");
  aborting = mode != nullptr && std::string_view(mode) == "abort";
  backline::guard::report = reportOffence;
}

__attribute__((destructor)) void end() {
  if (reported == 0) return;
  std::fprintf(stderr, "realtime guard: %u offences in process %d\n", reported.load(),
               static_cast<int>(::getpid()));
}

}  // namespace
