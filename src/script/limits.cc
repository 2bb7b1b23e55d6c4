#include "script/limits.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace backline::script {

namespace {

constexpr std::size_t kLeast = 16, kMost = 65536;   // megabytes

void read(const char* name, std::size_t& bytes) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return;
  std::size_t megabytes = 0;
  const char* const end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, megabytes);
  if (error != std::errc() || stop != end || megabytes < kLeast || megabytes > kMost)
    throw std::invalid_argument(std::string(name) + ": '" + text + "' is no number of megabytes from 16 to 65536");
  bytes = megabytes << 20;
}

}  // namespace

Limits limitsOfEnvironment() {
  Limits limits;
  read("BACKLINE_WORKLET_HEAP", limits.heapBytes);
  read("BACKLINE_WORKLET_BUFFERS", limits.bufferBytes);
  return limits;
}

}  // namespace backline::script
