#pragma once

#include <cstdint>
#include <string>
#include <vector>

// The realtime guard: functions of the C library that allocate, lock, block or write are interposed; calling
// one inside a RealtimeScope (transport/realtime.h) and outside a RealtimeExempt is an offence. An offence
// that a test does not take fails that test, with the call stack of the first.

namespace backline::test {

struct Offence {
  std::string call;           ///< the function that was called
  std::vector<void*> frames;  ///< return addresses, innermost first
};

/// False in sanitizer builds: there is no guard in them.
bool realtimeGuardPresent();
/// Offences since the last call, on all threads, the details of the first few. Not inside a RealtimeScope.
std::vector<Offence> takeOffences();
/// The frames as function, file and line.
std::string describe(const Offence& offence);

}  // namespace backline::test
