#include "dsp/minimum_phase.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <vector>

namespace backline::dsp {
namespace {

std::vector<double> logMagnitudesOf(const std::vector<double>& response, std::size_t size) {
  RealFft<double> fft(size);
  std::vector<double> samples(size);
  std::copy(response.begin(), response.end(), samples.begin());
  std::vector<std::complex<double>> bins(fft.bins());
  fft.forward(samples, bins);
  std::vector<double> logs;
  for (const auto& bin : bins) logs.push_back(std::log(std::abs(bin)));
  return logs;
}

TEST(MinimumPhase, GivesBackAResponseThatHasItAlready) {
  const std::vector<double> response{1, -0.5, 0.25, 0.1, -0.05};
  MinimumPhase minimum(512);
  std::vector<double> found(8);
  minimum.responseOf(logMagnitudesOf(response, 512), found);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], i < response.size() ? response[i] : 0, 1e-9) << i;
}

TEST(MinimumPhase, MovesZerosFromOutsideTheUnitCircleInsideAndDelaysAway) {
  // 0.5 + z⁻¹, seven samples late: the same magnitudes as 1 + 0.5 z⁻¹.
  std::vector<double> late(9);
  late[7] = 0.5;
  late[8] = 1;
  MinimumPhase minimum(512);
  std::vector<double> found(4);
  minimum.responseOf(logMagnitudesOf(late, 512), found);
  EXPECT_NEAR(found[0], 1, 1e-9);
  EXPECT_NEAR(found[1], 0.5, 1e-9);
  EXPECT_NEAR(found[2], 0, 1e-9);
}

}  // namespace
}  // namespace backline::dsp
