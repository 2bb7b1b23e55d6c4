#include "render/nodes/hrtf_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <mutex>
#include <numbers>
#include <stdexcept>
#include <utility>

#include "dsp/kernels.h"
#include "dsp/minimum_phase.h"

namespace backline::render {

namespace {

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kSeconds = 0.004;          // of a response
constexpr double kCircleSeconds = 0.0116;   // that it is computed within
constexpr double kMostDelay = 0.001;        // s, of one ear behind the first of all
constexpr double kSameDirection = 0.2 * kRadians;

std::size_t lengthAt(double sampleRate) { return std::max<std::size_t>(16, static_cast<std::size_t>(std::ceil(kSeconds * sampleRate))); }

dsp::Point unitOf(double azimuth, double elevation) {
  const double level = std::cos(elevation * kRadians);
  return {std::sin(azimuth * kRadians) * level, std::sin(elevation * kRadians), -std::cos(azimuth * kRadians) * level};
}

using Direction = HrtfMeasurements::Direction;

/// The four nearest that were measured, with shares by the inverse square of the angle; one alone where it is there itself.
std::vector<std::pair<double, const Direction*>> around(const HrtfMeasurements& measured, const dsp::Point& unit) {
  std::vector<std::pair<double, const Direction*>> near;   // by cosine
  near.reserve(measured.directions.size());
  for (const Direction& direction : measured.directions) near.emplace_back(std::clamp(dsp::dot(unit, direction.unit), -1.0, 1.0), &direction);
  const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(4, near.size()));
  std::partial_sort(near.begin(), near.begin() + count, near.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  near.erase(near.begin() + count, near.end());
  if (std::acos(near[0].first) < kSameDirection) return {{1, near[0].second}};
  double sum = 0;
  for (auto& [share, direction] : near) {
    const double angle = std::acos(share);
    share = 1 / (angle * angle);
    sum += share;
  }
  for (auto& [share, direction] : near) share /= sum;
  return near;
}

/// Magnitudes that were measured, on the bins of another transform: between two by a line.
class Resampling {
 public:
  Resampling(const HrtfMeasurements& measured, std::size_t bins, double hertzPerBin) : places_(bins) {
    const std::size_t last = measured.directions.front().magnitudes[0].size() - 1;
    for (std::size_t k = 0; k < bins; ++k) {
      const double place = static_cast<double>(k) * hertzPerBin / measured.hertzPerBin;
      const auto bin = std::min(static_cast<std::size_t>(place), last);
      places_[k] = {bin, std::min(bin + 1, last), std::min(1.0, place - static_cast<double>(bin))};
    }
  }
  void add(const std::vector<double>& from, double share, std::vector<double>& to) const {
    for (std::size_t k = 0; k < places_.size(); ++k) {
      const auto& [bin, next, part] = places_[k];
      to[k] += share * (from[bin] + (from[next] - from[bin]) * part);
    }
  }

 private:
  struct Place {
    std::size_t bin, next;
    double part;
  };
  std::vector<Place> places_;
};

/// What is left at the end of a response fades out.
std::vector<double> fadeOver(std::size_t length) {
  std::vector<double> fade(length, 1);
  for (std::size_t i = 0; i < length; ++i) {
    const double late = (static_cast<double>(i) / static_cast<double>(length) - 0.75) * 4;
    if (late > 0) fade[i] = 0.5 + 0.5 * std::cos(std::numbers::pi * late);
  }
  return fade;
}

}  // namespace

HrtfTable::HrtfTable(float sampleRate)
    : length_(lengthAt(sampleRate)),
      mostDelay_(static_cast<std::size_t>(std::ceil(kMostDelay * static_cast<double>(sampleRate)))),
      maker_([this, sampleRate](const std::stop_token& stopped) { make(stopped, sampleRate); }) {}

HrtfTable::~HrtfTable() = default;   // ends and joins the maker first

void HrtfTable::wait() const {
  state_.wait(State::begun, std::memory_order_acquire);
  if (state_.load(std::memory_order_acquire) == State::failed) throw std::runtime_error(error_);
}

void HrtfTable::make(const std::stop_token& stopped, float sampleRate) {
  State state = State::made;
  try {
    makeNodes(hrtfMeasurements(), static_cast<double>(sampleRate), stopped);
    makeDelays(static_cast<double>(sampleRate));
    makeShifts();
  } catch (const std::exception& error) {
    error_ = error.what();
    state = State::failed;
  }
  state_.store(state, std::memory_order_release);
  state_.notify_all();
}

void HrtfTable::makeNodes(const HrtfMeasurements& measured, double sampleRate, const std::stop_token& stopped) {
  std::size_t size = 256;
  while (static_cast<double>(size) < kCircleSeconds * sampleRate) size *= 2;
  dsp::MinimumPhase minimum(size);
  const Resampling resampling(measured, minimum.bins(), sampleRate / static_cast<double>(size));
  const std::vector<double> fade = fadeOver(length_);
  std::vector<double> magnitudes(minimum.bins()), response(length_);
  responses_.resize(kRows * kColumns * 2 * length_);
  delays_.resize(kRows * kColumns * 2);
  for (std::size_t row = 0; row < kRows && !stopped.stop_requested(); ++row) {
    const double elevation = std::max(static_cast<double>(row) * 10 - 90, measured.lowest);
    for (std::size_t column = 0; column < kColumns; ++column) {
      const auto shares = around(measured, unitOf(static_cast<double>(column) * 5, elevation));
      for (unsigned ear = 0; ear < 2; ++ear) {
        double delay = 0;
        std::fill(magnitudes.begin(), magnitudes.end(), 0.0);
        for (const auto& [share, direction] : shares) {
          delay += share * direction->delays[ear];
          resampling.add(direction->magnitudes[ear], share, magnitudes);
        }
        minimum.responseOf(magnitudes, response);
        const std::size_t node = nodeAt(row, column, ear);
        delays_[node] = static_cast<float>(delay * sampleRate);
        for (std::size_t i = 0; i < length_; ++i) responses_[node * length_ + i] = static_cast<float>(response[i] * fade[i]);
      }
    }
  }
}

void HrtfTable::makeDelays(double sampleRate) {
  const float least = *std::min_element(delays_.begin(), delays_.end());
  for (float& delay : delays_) delay = std::min(delay - least, static_cast<float>(kMostDelay * sampleRate));
}

/// Sincs under a Hann window, between two samples: delays of kShiftTaps / 2 − 1 frames and a fraction.
void HrtfTable::makeShifts() {
  shifts_.resize((kShifts + 1) * kShiftTaps);
  for (std::size_t shift = 0; shift <= kShifts; ++shift) {
    const double centre = static_cast<double>(kShiftTaps) / 2 - 1 + static_cast<double>(shift) / kShifts;
    for (std::size_t k = 0; k < kShiftTaps; ++k) {
      const double x = static_cast<double>(k) - centre, turn = std::numbers::pi * x;
      const double sinc = x == 0 ? 1 : std::sin(turn) / turn;
      const double window = 0.5 + 0.5 * std::cos(turn / (static_cast<double>(kShiftTaps) / 2));
      shifts_[shift * kShiftTaps + k] = static_cast<float>(std::abs(x) >= static_cast<double>(kShiftTaps) / 2 ? 0 : sinc * window);
    }
  }
}

EarFilters HrtfTable::makeFilters() const {
  EarFilters filters;
  for (auto& taps : filters.taps) taps.resize(this->taps());
  return filters;
}

void HrtfTable::find(double azimuth, double elevation, EarFilters& filters) const noexcept {
  const double row = std::clamp((elevation + 90) / 10, 0.0, static_cast<double>(kRows - 1));
  const double column = (azimuth < 0 ? azimuth + 360 : azimuth) / 5;
  const std::size_t low = std::min(static_cast<std::size_t>(row), kRows - 2), first = static_cast<std::size_t>(column) % kColumns;
  const double up = row - static_cast<double>(low), along = column - std::floor(column);
  const std::array<std::pair<std::size_t, std::size_t>, 4> corners{
      {{low, first}, {low, (first + 1) % kColumns}, {low + 1, first}, {low + 1, (first + 1) % kColumns}}};
  const std::array<double, 4> shares{(1 - up) * (1 - along), (1 - up) * along, up * (1 - along), up * along};
  for (unsigned ear = 0; ear < 2; ++ear) {
    double delay = 0;
    for (std::size_t i = 0; i < 4; ++i) delay += shares[i] * static_cast<double>(delays_[nodeAt(corners[i].first, corners[i].second, ear)]);
    filters.delay[ear] = static_cast<std::size_t>(delay);
    std::vector<float>& taps = filters.taps[ear];
    std::fill(taps.begin(), taps.end(), 0.0f);
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t node = nodeAt(corners[i].first, corners[i].second, ear);
      if (shares[i] > 0) addShifted(responses_.data() + node * length_, shares[i], delay - std::floor(delay), taps);
    }
  }
}

void HrtfTable::addShifted(const float* response, double share, double shift, std::vector<float>& taps) const noexcept {
  const double place = shift * kShifts;
  const auto table = static_cast<std::size_t>(place);
  const double part = place - static_cast<double>(table);
  const float* one = shifts_.data() + table * kShiftTaps;
  const float* other = one + kShiftTaps * (table < kShifts ? 1 : 0);
  for (std::size_t k = 0; k < kShiftTaps; ++k) {
    const double weight = static_cast<double>(one[k]) * (1 - part) + static_cast<double>(other[k]) * part;
    dsp::addScaled(response, static_cast<float>(weight * share), taps.data() + k, length_);
  }
}

std::shared_ptr<const HrtfTable> HrtfTable::of(float sampleRate) {
  static std::mutex mutex;
  static std::map<float, std::weak_ptr<const HrtfTable>> tables;
  static std::shared_ptr<const HrtfTable> last;   // kept for the next panner of the same rate
  const std::lock_guard lock(mutex);
  auto& known = tables[sampleRate];
  auto table = known.lock();
  if (!table) {
    std::erase_if(tables, [&](const auto& entry) { return entry.first != sampleRate && entry.second.expired(); });
    table = std::make_shared<const HrtfTable>(sampleRate);
    known = table;
  }
  last = table;
  return table;
}

}  // namespace backline::render
