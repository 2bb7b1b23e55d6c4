// The layout of a structured clone's bytes: taken apart, put together again, equal.

#include "script/message_layout.h"
#include "tests/fuzz/input.h"

using namespace backline;

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  const std::vector<std::byte> bytes = input.rest();
  const auto parts = script::parseMessage(bytes);
  if (!parts) return;
  std::size_t held = parts->shared.size() * sizeof(script::Ticket) + parts->value.size();
  for (const auto& module : parts->modules) held += module.size();
  fuzz::require(held <= bytes.size(), "a message does not hold more than its bytes");
  render::Message again;
  script::composeMessage(*parts, again);
  const auto parsed = script::parseMessage(again);
  fuzz::require(parsed && parsed->shared.size() == parts->shared.size() && parsed->modules.size() == parts->modules.size() &&
                    parsed->value.size() >= parts->value.size() &&
                    std::equal(parts->value.begin(), parts->value.end(), parsed->value.begin()),
                "a message put together again is the same");
}
