// What realtime_guard_test.cc runs with the guard preloaded: `realtime_guard_probe allocate|behave`.

#include <cstdio>
#include <string_view>
#include <vector>

#include "transport/realtime.h"

int main(int count, char** arguments) {
  using namespace backline::transport;
  const bool allocate = count == 2 && std::string_view(arguments[1]) == "allocate";
  std::vector<int> values;
  {
    const RealtimeScope scope;
    if (allocate) values.resize(4);
    const RealtimeExempt exempt;
    values.resize(4000);
  }
  std::puts("finished");
  return values.size() == 4000 ? 0 : 2;
}
