#include "render/call_budgets.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace backline::render {

CallBudgets budgetsOfEnvironment(CallBudgets budgets) {
  const char* text = std::getenv("BACKLINE_PROCESSOR_BUDGET");
  if (text == nullptr || *text == '\0') return budgets;
  double seconds = 0;
  const char* const end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, seconds);
  if (error != std::errc() || stop != end || !(seconds >= 0.01 && seconds <= 3600))
    throw std::invalid_argument(std::string("BACKLINE_PROCESSOR_BUDGET: '") + text + "' is no number of seconds from 0.01 to 3600");
  budgets.call = seconds;
  budgets.setUp = std::max(budgets.setUp, seconds);
  return budgets;
}

}  // namespace backline::render
