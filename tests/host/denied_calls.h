#pragma once

#include <string>

namespace backline::host::test {

/// Tries what a process behind the sandbox must not be able to do, from the calling thread: "" if every call was denied with EPERM; otherwise
/// the calls that were not, with what they answered. Nothing of what it tries changes anything if it is allowed after all.
std::string callsNotDenied();
/// The kernel's word for this process: 2 behind a filter, 0 without.
int seccompMode();

}  // namespace backline::host::test
