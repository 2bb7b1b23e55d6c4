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
constexpr double kBandsPerOctave = 3;
constexpr std::uint32_t kBasicPartials = 2048;  // reach 24 kHz from 12 Hz upwards
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

// Numbers of partials, ascending from 1 to all, about a third of an octave apart.
std::vector<std::uint32_t> bandLimits(std::uint32_t all) {
  std::vector<std::uint32_t> limits;
  for (int step = 0;; ++step) {
    const double exact = all * std::exp2(-step / kBandsPerOctave);
    const auto limit = static_cast<std::uint32_t>(std::max(1.0, std::floor(exact)));
    if (limits.empty() || limit < limits.back()) limits.push_back(limit);
    if (limit == 1) break;
  }
  std::reverse(limits.begin(), limits.end());
  return limits;
}

template <typename Coefficient>
PeriodicWave basicWave(Coefficient coefficient) {
  std::vector<float> imag(kBasicPartials + 1);
  for (std::uint32_t n = 1; n <= kBasicPartials; ++n) imag[n] = static_cast<float>(coefficient(n));
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

float WaveTable::at(Phase phase) const noexcept {
  const float* x = samples_.data() + (phase >> shift_);  // x[1] and x[2] enclose the phase
  const float t = static_cast<float>(static_cast<std::int64_t>((phase << (64 - shift_)) >> 1)) * 0x1p-63f;
  // Lagrange's cubic through x[0] … x[3], as x[1] plus corrections.
  const float d1 = x[2] - x[1];
  const float d2 = x[2] - 2 * x[1] + x[0];
  const float d3 = x[3] - 3 * x[2] + 3 * x[1] - x[0];
  return x[1] + t * (d1 + (t - 1) * (d2 * 0.5f + (t + 1) * d3 * (1.0f / 6)));
}

PeriodicWave::PeriodicWave(std::span<const float> real, std::span<const float> imag, bool normalize) {
  const std::uint32_t all = highestPartial(real, imag);
  Cycles cycles(real, imag);
  const std::vector<double> full = cycles.of(all);
  const double peak = greatest(full);
  const double gain = normalize && peak > 0 ? 1 / peak : 1;
  for (const std::uint32_t partials : bandLimits(all)) {
    tables_.emplace_back(partials, partials == all ? full : cycles.of(partials), gain);
  }
}

PeriodicWave::Band PeriodicWave::band(double room) const noexcept {
  // The last table that fits, and the one below it: at its own limit a table has faded out.
  const auto above = std::upper_bound(tables_.begin(), tables_.end(), room,
                                      [](double r, const WaveTable& table) { return r < table.partials(); });
  const auto high = above == tables_.begin() ? above : above - 1;
  const auto low = high == tables_.begin() ? high : high - 1;
  if (low == high) return {&*low, &*high, 0};
  const double from = high->partials();
  const double to = above == tables_.end() ? from * std::exp2(1 / kBandsPerOctave) : above->partials();
  return {&*low, &*high, static_cast<float>(std::min(1.0, (room - from) / (to - from)))};
}

BasicWaves::BasicWaves()
    : square_(basicWave(squareTerm)), sawtooth_(basicWave(sawtoothTerm)), triangle_(basicWave(triangleTerm)) {}

}  // namespace backline::dsp
