#include "tests/support/realtime_guard.h"

namespace backline::test {

bool realtimeGuardPresent() {
  return false;
}
std::vector<Offence> takeOffences() {
  return {};
}
std::string describe(const Offence& offence) {
  return offence.call;
}

}  // namespace backline::test
