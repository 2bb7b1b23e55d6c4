#pragma once

#include "render/black_box.h"

namespace backline::render {

/// What a call into the program's code may take, in seconds of its thread's processor time: a machine under load, a debugger and a stopped
/// process make nobody guilty.
struct CallBudgets {
  double call = 0.25;    ///< process(), a port's or timer's handler, a round of microtasks
  double setUp = 2;      ///< a constructor, a module's evaluation
  double mercy = 2;      ///< beyond its budget, for a call to take its termination

  double of(Phase phase) const { return phase == Phase::constructor || phase == Phase::module ? setUp : call; }
};

/// Where nobody waits for the sound, nobody is in a hurry.
inline constexpr CallBudgets kOfflineBudgets{.call = 10, .setUp = 10, .mercy = 10};

/// `budgets`, with BACKLINE_PROCESSOR_BUDGET seconds for `call` and as many for `setUp`, if that is more, where the environment sets it. Throws
/// std::invalid_argument for what is no number from 0.01 to 3600.
CallBudgets budgetsOfEnvironment(CallBudgets budgets);

}  // namespace backline::render
