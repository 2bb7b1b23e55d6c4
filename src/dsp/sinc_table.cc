#include <algorithm>
#include <cmath>
#include <numbers>

#include "dsp/sinc.h"

namespace backline::dsp {

namespace {

constexpr double kTaps = 64;        // for the lower of the two rates
constexpr double kPhases = 512;     // linear interpolation between them errs by less than −108 dB
constexpr double kCutoff = 0.475;   // of the lower rate: the middle of the transition
constexpr double kKaiserBeta = 10;
constexpr double kLeastPhases = 16;

// The modified Bessel function of the first kind, order 0, by its series.
double bessel0(double x) {
  double term = 1, sum = 1;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

}  // namespace

SincTable makeSincTable(double inputRate, double outputRate) {
  const double narrower = std::max(1.0, inputRate / outputRate);
  SincTable table;
  table.taps = static_cast<std::size_t>(std::ceil(kTaps * narrower / 8)) * 8;
  table.phases = static_cast<std::size_t>(std::ceil(std::max(kLeastPhases, kPhases / narrower)));
  table.coefficients.resize((table.phases + 1) * table.taps);
  const double half = static_cast<double>(table.taps) / 2, cutoff = kCutoff / narrower;
  std::vector<double> row(table.taps);
  for (std::size_t phase = 0; phase <= table.phases; ++phase) {
    const double middle = half - 1 + static_cast<double>(phase) / static_cast<double>(table.phases);
    double sum = 0;
    for (std::size_t tap = 0; tap < table.taps; ++tap) {
      const double time = static_cast<double>(tap) - middle;
      const double place = time / half;
      const double window = std::abs(place) < 1 ? bessel0(kKaiserBeta * std::sqrt(1 - place * place)) : (std::abs(place) == 1 ? 1.0 : 0.0);
      const double angle = 2 * std::numbers::pi * cutoff * time;
      row[tap] = window * (angle == 0 ? 1 : std::sin(angle) / angle);
      sum += row[tap];
    }
    // Every phase passes a constant as it is.
    for (std::size_t tap = 0; tap < table.taps; ++tap) table.coefficients[phase * table.taps + tap] = static_cast<float>(row[tap] / sum);
  }
  return table;
}

}  // namespace backline::dsp
