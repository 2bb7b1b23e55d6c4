#include "dsp/periodic_wave.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <numbers>

#include "dsp/fft.h"

namespace backline::dsp {

namespace {

constexpr std::size_t kSmallestTable = 4096;   // samples
constexpr std::size_t kPointsPerPartial = 8;   // of the highest partial, at least
constexpr double kStepsPerOctave = 3;
constexpr std::size_t kGuardBefore = 1, kGuardAfter = 2;

float term(std::span<const float> terms, std::size_t k) { return k < terms.size() ? terms[k] : 0.0f; }

std::uint32_t highestPartial(std::span<const float> real, std::span<const float> imag) {
  std::size_t k = std::max(real.size(), imag.size());
  while (k > 2 && term(real, k - 1) == 0 && term(imag, k - 1) == 0) --k;
  return static_cast<std::uint32_t>(std::max<std::size_t>(k, 2) - 1);
}

std::size_t tableSize(std::uint32_t partials) {
  return std::max(kSmallestTable, std::bit_ceil(std::size_t{partials} * kPointsPerPartial));
}

/// The cycles of one wave with ever more partials. Transforms are made once a size: that costs more than using them.
class Cycles {
 public:
  Cycles(std::span<const float> real, std::span<const float> imag) : real_(real), imag_(imag) {}

  // x(n) = Σ a[k]·cos(2πkn/N) + b[k]·sin(2πkn/N), k ≤ partials.
  std::vector<double> of(std::uint32_t partials) {
    RealFft<double>& fft = transforms_.try_emplace(tableSize(partials), tableSize(partials)).first->second;
    std::vector<std::complex<double>> bins(fft.bins());
    for (std::size_t k = 1; k <= partials; ++k) bins[k] = {term(real_, k) / 2.0, -term(imag_, k) / 2.0};
    std::vector<double> samples(fft.size());
    fft.inverse(bins, samples);
    return samples;
  }

 private:
  std::span<const float> real_, imag_;
  std::map<std::size_t, RealFft<double>> transforms_;
};

double greatest(std::span<const double> samples) {
  double most = 0;
  for (const double sample : samples) most = std::max(most, std::abs(sample));
  return most;
}

std::uint32_t partialsOf(std::size_t step) {
  return static_cast<std::uint32_t>(std::floor(std::exp2(static_cast<double>(step) / kStepsPerOctave)));
}

template <typename Coefficient>
PeriodicWave basicWave(std::uint32_t partials, Coefficient coefficient) {
  std::vector<float> imag(partials + 1);
  for (std::uint32_t n = 1; n <= partials; ++n) imag[n] = static_cast<float>(coefficient(n));
  return PeriodicWave({}, imag, true);
}

// The coefficients of Web Audio §1.30.5.
double squareTerm(std::uint32_t n) { return n % 2 ? 4 / (n * std::numbers::pi) : 0; }
double sawtoothTerm(std::uint32_t n) { return (n % 2 ? 2 : -2) / (n * std::numbers::pi); }
double triangleTerm(std::uint32_t n) {
  if (n % 2 == 0) return 0;
  const double size = 8 / (n * std::numbers::pi * n * std::numbers::pi);
  return n % 4 == 1 ? size : -size;
}

}  // namespace

WaveTable::WaveTable(std::uint32_t partials, std::span<const double> cycle, double gain)
    : partials_(partials), shift_(64 - static_cast<unsigned>(std::countr_zero(cycle.size()))) {
  const std::size_t size = cycle.size();
  samples_.resize(size + kGuardBefore + kGuardAfter);
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    samples_[i] = static_cast<float>(cycle[(i + size - kGuardBefore) % size] * gain);
  }
}

void PeriodicWave::Band::read(Phase phase, Phase step, std::span<float> out) const noexcept {
  // Copies, which no store to `out` can change.
  const WaveTable& first = *low;
  const WaveTable& second = *high;
  const float part = mix;
  if (part == 0) {
    for (float& sample : out) sample = first.at(phase), phase += step;
    return;
  }
  for (float& sample : out) {
    const float base = first.at(phase);
    sample = base + (second.at(phase) - base) * part;
    phase += step;
  }
}

PeriodicWave::PeriodicWave(std::span<const float> real, std::span<const float> imag, bool normalize) {
  const std::uint32_t all = highestPartial(real, imag);
  Cycles cycles(real, imag);
  const std::vector<double> full = cycles.of(all);
  const double peak = greatest(full);
  const double gain = normalize && peak > 0 ? 1 / peak : 1;
  tables_.emplace_back(0, std::vector<double>(kSmallestTable), gain);
  while (tables_.back().partials() < all) {
    const std::uint32_t partials = std::min(all, partialsOf(places_.size()));
    if (partials > tables_.back().partials()) tables_.emplace_back(partials, partials == all ? full : cycles.of(partials), gain);
    places_.push_back(static_cast<std::uint8_t>(tables_.size() - 1));
  }
}

PeriodicWave::Band PeriodicWave::band(double room) const noexcept {
  const double step = kStepsPerOctave * std::log2(std::max(1.0, room));
  const double top = static_cast<double>(places_.size());
  if (step >= top) return {&tables_.back(), &tables_.back(), 0};
  const auto k = static_cast<std::size_t>(step);
  return {&tables_[k == 0 ? 0 : places_[k - 1]], &tables_[places_[k]], static_cast<float>(step - static_cast<double>(k))};
}

BasicWaves::BasicWaves(std::uint32_t partials)
    : square_(basicWave(partials, squareTerm)), sawtooth_(basicWave(partials, sawtoothTerm)), triangle_(basicWave(partials, triangleTerm)) {}

}  // namespace backline::dsp
