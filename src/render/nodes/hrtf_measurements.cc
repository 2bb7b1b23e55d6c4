#include "render/nodes/hrtf_measurements.h"

#include <fcntl.h>
#include <mysofa.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <memory>
#include <numbers>
#include <stdexcept>

#include "dsp/minimum_phase.h"
#include "transport/fd.h"

namespace backline::render {

namespace {

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kLogOfDecibel = std::numbers::ln10 / 20;

/// The mean over all directions, as a curve of corners: what a measured head adds in every direction (ear canal, loudspeaker) tells nothing of where a
/// sound is. These are the levels that the sets of browsers have.
struct Corner {
  double hertz, decibels;
};
constexpr Corner kMean[] = {{250, 2.2}, {1400, -3.5}, {8000, -4.6}, {13000, -7.5}};
constexpr double kMostCorrection = 24;   // dB
constexpr double kLowestHertz = 160;     // below, rooms and loudspeakers were measured
constexpr double kHighestHertz = 19000;

double meanLevelAt(double hertz) {
  if (hertz <= kMean[0].hertz) return kMean[0].decibels;
  for (std::size_t i = 1; i < std::size(kMean); ++i) {
    if (hertz > kMean[i].hertz) continue;
    const double part = std::log(hertz / kMean[i - 1].hertz) / std::log(kMean[i].hertz / kMean[i - 1].hertz);
    return kMean[i - 1].decibels + part * (kMean[i].decibels - kMean[i - 1].decibels);
  }
  return std::end(kMean)[-1].decibels;
}

using File = std::unique_ptr<MYSOFA_HRTF, void (*)(MYSOFA_HRTF*)>;

/// The descriptor of the file, opened at the first call.
const transport::Fd& opened() {
  static const transport::Fd fd(open(hrtfFile().c_str(), O_RDONLY | O_CLOEXEC));
  return fd;
}

std::vector<char> contents() {
  struct stat status {};
  std::vector<char> bytes;
  if (fstat(opened().get(), &status) != 0) return bytes;
  bytes.resize(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  lseek(opened().get(), 0, SEEK_SET);
  for (ssize_t got = 1; got > 0 && have < bytes.size(); have += static_cast<std::size_t>(std::max<ssize_t>(got, 0)))
    got = read(opened().get(), bytes.data() + have, bytes.size() - have);
  bytes.resize(have);
  return bytes;
}

File load() {
  const std::vector<char> bytes = contents();
  int error = MYSOFA_OK;
  File file(mysofa_load_data(bytes.data(), bytes.size(), &error), &mysofa_free);
  if (!file || error != MYSOFA_OK || mysofa_check(file.get()) != MYSOFA_OK || file->R != 2 || file->M == 0 || file->N < 8)
    throw std::runtime_error("head-related responses cannot be read from " + hrtfFile() + " (error " + std::to_string(error) + ")");
  mysofa_tospherical(file.get());
  return file;
}

/// Azimuths of the file turn left.
dsp::Point unitOf(const float* position) {
  const double azimuth = static_cast<double>(position[0]) * kRadians, elevation = static_cast<double>(position[1]) * kRadians;
  return {-std::sin(azimuth) * std::cos(elevation), std::sin(elevation), -std::cos(azimuth) * std::cos(elevation)};
}

class Analysis {
 public:
  explicit Analysis(std::size_t size) : fft_(size), minimum_(size), samples_(size), spectrum_(fft_.bins()) {}
  std::size_t bins() const { return fft_.bins(); }

  /// Log magnitudes, and in samples by how much the response comes later than the least that these magnitudes allow.
  double take(const float* response, std::size_t length, std::vector<double>& magnitudes) {
    std::fill(samples_.begin(), samples_.end(), 0.0);
    std::copy_n(response, length, samples_.begin());
    fft_.forward(samples_, spectrum_);
    magnitudes.resize(bins());
    for (std::size_t k = 0; k < bins(); ++k) magnitudes[k] = std::log(std::max(std::abs(spectrum_[k]), 1e-6));
    const auto least = minimum_.spectrumOf(magnitudes);
    for (std::size_t k = 0; k < bins(); ++k) spectrum_[k] *= std::conj(least[k]);
    fft_.inverse(spectrum_, samples_);
    const auto peak = std::max_element(samples_.begin() + 1, samples_.begin() + static_cast<std::ptrdiff_t>(length));
    const double before = peak[-1], at = peak[0], after = peak[1];
    return static_cast<double>(peak - samples_.begin()) + 0.5 * (before - after) / (before - 2 * at + after);
  }

 private:
  dsp::RealFft<double> fft_;
  dsp::MinimumPhase minimum_;
  std::vector<double> samples_;
  std::vector<std::complex<double>> spectrum_;
};

/// Of a bin and those within a sixth of an octave of it, over all directions and both ears: the mean power.
std::vector<double> meanPowers(const HrtfMeasurements& measured, std::size_t bins) {
  std::vector<double> powers(bins), smooth(bins);
  for (const auto& direction : measured.directions)
    for (const auto& magnitudes : direction.magnitudes)
      for (std::size_t k = 0; k < bins; ++k) powers[k] += std::exp(2 * magnitudes[k]) / (2.0 * static_cast<double>(measured.directions.size()));
  for (std::size_t k = 0; k < bins; ++k) {
    const auto first = static_cast<std::size_t>(std::floor(static_cast<double>(k) / 1.06)), last = std::min(bins - 1, static_cast<std::size_t>(std::ceil(static_cast<double>(k) * 1.06)));
    for (std::size_t i = first; i <= last; ++i) smooth[k] += powers[i] / static_cast<double>(last - first + 1);
  }
  return smooth;
}

void equalize(HrtfMeasurements& measured, std::size_t bins) {
  const std::vector<double> powers = meanPowers(measured, bins);
  const auto low = static_cast<std::size_t>(std::ceil(kLowestHertz / measured.hertzPerBin));
  const auto high = std::min(bins - 1, static_cast<std::size_t>(kHighestHertz / measured.hertzPerBin));
  std::vector<double> correction(bins);
  for (std::size_t k = 0; k < bins; ++k) {
    const double wanted = meanLevelAt(static_cast<double>(k) * measured.hertzPerBin) - 10 * std::log10(std::max(powers[k], 1e-12));
    correction[k] = std::clamp(wanted, -kMostCorrection, kMostCorrection) * kLogOfDecibel;
  }
  for (auto& direction : measured.directions) {
    for (auto& magnitudes : direction.magnitudes) {
      for (std::size_t k = low; k <= high; ++k) magnitudes[k] += correction[k];
      std::fill(magnitudes.begin(), magnitudes.begin() + static_cast<std::ptrdiff_t>(low), magnitudes[low]);
      std::fill(magnitudes.begin() + static_cast<std::ptrdiff_t>(high) + 1, magnitudes.end(), magnitudes[high]);
    }
  }
}

HrtfMeasurements measure() {
  const File file = load();
  const double rate = static_cast<double>(file->DataSamplingRate.values[0]);
  std::size_t size = 256;
  while (size < 2 * file->N) size *= 2;
  Analysis analysis(size);
  HrtfMeasurements measured;
  measured.hertzPerBin = rate / static_cast<double>(size);
  measured.lowest = 90;
  const unsigned delays = file->DataDelay.elements;
  for (unsigned m = 0; m < file->M; ++m) {
    auto& direction = measured.directions.emplace_back();
    const float* position = file->SourcePosition.values + std::size_t{3} * m;
    direction.unit = unitOf(position);
    measured.lowest = std::min(measured.lowest, static_cast<double>(position[1]));
    for (unsigned ear = 0; ear < 2; ++ear) {
      const float* response = file->DataIR.values + (std::size_t{2} * m + ear) * file->N;
      const double delay = delays == 0 ? 0 : static_cast<double>(file->DataDelay.values[delays > 2 ? 2 * m + ear : ear % delays]);
      direction.delays[ear] = (analysis.take(response, file->N, direction.magnitudes[ear]) + delay) / rate;
    }
  }
  equalize(measured, analysis.bins());
  return measured;
}

}  // namespace

const std::string& hrtfFile() {
  static const std::string file = BACKLINE_HRTF_FILE;
  return file;
}

bool hrtfFileExists() { return access(hrtfFile().c_str(), R_OK) == 0; }

void openHrtfFile() { opened(); }

const HrtfMeasurements& hrtfMeasurements() {
  static const auto* measurements = new HrtfMeasurements(measure());   // for good: a thread may read them to the very end of the process
  return *measurements;
}

}  // namespace backline::render
