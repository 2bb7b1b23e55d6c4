#include "dsp/drift_control.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "transport/realtime.h"

namespace backline::dsp {
namespace {

constexpr double kRate = 48000, kLimit = 0.005;
constexpr double kElapsed = 128 / kRate;

struct Outcome {
  double fill = 0, worst = 0, correction = 0, steepest = 0;
};

// A buffer that fills `drift` faster than it is read, for `seconds`; worst and steepest are those after `settled` seconds.
Outcome run(DriftControl& control, double drift, double seconds, double settled = 0) {
  Outcome outcome;
  double before = control.correction();
  for (double time = 0; time < seconds; time += kElapsed) {
    const transport::RealtimeScope realtime;
    outcome.fill += 128 * (drift - control.correction());
    outcome.correction = control.update(outcome.fill, kElapsed);
    if (time >= settled) {
      outcome.worst = std::max(outcome.worst, std::abs(outcome.fill));
      outcome.steepest = std::max(outcome.steepest, std::abs(outcome.correction - before));
    }
    before = outcome.correction;
  }
  return outcome;
}

TEST(DriftControl, FindsTheDriftAndReturnsTheFillToItsTarget) {
  for (const double drift : {300e-6, -300e-6, 20e-6}) {
    DriftControl control(kRate, kLimit);
    const Outcome outcome = run(control, drift, 300);
    EXPECT_LT(outcome.worst, 30) << "frames off at worst, drift " << drift;
    EXPECT_NEAR(outcome.fill, 0, 0.1) << "frames";
    EXPECT_NEAR(outcome.correction, drift, 1e-7);
    EXPECT_LT(outcome.steepest, 2e-6) << "a step of the ratio";
  }
}

TEST(DriftControl, ComesBackFromMoreThanItCanFollow) {
  DriftControl control(kRate, kLimit);
  const Outcome lost = run(control, 0.01, 20);
  EXPECT_DOUBLE_EQ(lost.correction, kLimit);
  control.restart();
  const Outcome back = run(control, 100e-6, 300, 200);
  EXPECT_NEAR(back.fill, 0, 1) << "frames, after a windup";
  EXPECT_NEAR(back.correction, 100e-6, 1e-6);
}

TEST(DriftControl, KeepsWhatItHasLearntOverAnInterruption) {
  DriftControl control(kRate, kLimit);
  run(control, 250e-6, 200);
  control.restart();
  EXPECT_NEAR(control.correction(), 250e-6, 1e-6);
  EXPECT_LT(run(control, 250e-6, 60).worst, 1) << "frames off at worst";
}

}  // namespace
}  // namespace backline::dsp
