#include "dsp/convolver_level.h"

#include <algorithm>

namespace backline::dsp {

namespace {

/// What a transform costs, in products of spectra of the same size.
constexpr std::uint32_t kTransformCost = 8;

}  // namespace

void ConvolverLevel::Spectra::reserve(std::size_t count, std::size_t itsBins) {
  bins = itsBins;
  values.assign(2 * count * bins, 0.0f);
  silent.assign(count, 1);
}

void ConvolverLevel::Spectra::set(std::size_t index, std::span<const std::complex<float>> spectrum) {
  const SplitComplex to = at(index);
  for (std::size_t k = 0; k < bins; ++k) {
    to.re[k] = spectrum[k].real();
    to.im[k] = spectrum[k].imag();
  }
  silent[index] = 0;
}

ConvolverLevel::ConvolverLevel(const Partitions& partitions, std::uint32_t slots, const Matrix& matrix)
    : partitions_(partitions),
      slots_(slots),
      paths_(matrix.paths.begin(), matrix.paths.end()),
      lanes_(matrix.lanes),
      outputs_(matrix.outputs),
      fft_(2 * std::size_t{partitions.size}),
      window_(fft_.size()),
      bins_(fft_.bins()) {
  history_.reserve(std::size_t{lanes_} * partitions.count, fft_.bins());
  sums_.reserve(outputs_, fft_.bins());
  for (Results* results : {&front_, &back_}) {
    results->samples.assign(std::size_t{outputs_} * partitions.size, 0.0f);
    results->silent.assign(outputs_, 1);
  }
  items_ = lanes_ + static_cast<std::uint32_t>(paths_.size()) * partitions.count + outputs_;
  done_ = items_;
  cost_ = std::uint64_t{items_} + std::uint64_t{lanes_ + outputs_} * (kTransformCost - 1);

  responses_.reserve(matrix.responses.size() * partitions.count, fft_.bins());
  const float scale = 1 / static_cast<float>(fft_.size());   // of the two transforms; a power of two, so it costs no precision
  for (std::size_t r = 0; r < matrix.responses.size(); ++r) {
    const std::vector<float>& response = matrix.responses[r];
    for (std::uint32_t p = 0; p < partitions.count; ++p) {
      const std::uint64_t from = partitions.offset + std::uint64_t{p} * partitions.size;
      if (from >= response.size()) break;
      const auto begin = response.begin() + static_cast<std::ptrdiff_t>(from);
      const auto end = begin + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(partitions.size, response.size() - from));
      if (std::all_of(begin, end, [](float tap) { return tap == 0; })) continue;
      std::fill(window_.begin(), window_.end(), 0.0f);
      std::transform(begin, end, window_.begin(), [scale](float tap) { return tap * scale; });
      fft_.forward(window_, bins_);
      responses_.set(r * partitions.count + p, bins_);
    }
  }
}

void ConvolverLevel::begin(std::span<const InputRing> inputs) noexcept {
  newest_ = (newest_ + 1) % partitions_.count;
  windowEnd_ = inputs[0].end;
  done_ = slot_ = 0;
  spent_ = 0;
  std::fill(sums_.silent.begin(), sums_.silent.end(), 1);
}

void ConvolverLevel::work(std::span<const InputRing> inputs) noexcept {
  const std::uint64_t until = cost_ * ++slot_ / slots_;
  while (done_ < items_ && spent_ < until) {
    doItem(done_, inputs);
    spent_ += done_ < lanes_ || done_ >= items_ - outputs_ ? kTransformCost : 1;
    ++done_;
  }
}

void ConvolverLevel::doItem(std::uint32_t item, std::span<const InputRing> inputs) noexcept {
  if (item < lanes_) {
    transform(inputs[item], item);
  } else if (item >= items_ - outputs_) {
    transformBack(item - (items_ - outputs_));
  } else {
    multiply(paths_[(item - lanes_) / partitions_.count], (item - lanes_) % partitions_.count);
  }
}

void ConvolverLevel::transform(const InputRing& input, std::uint32_t lane) noexcept {
  const std::size_t place = std::size_t{lane} * partitions_.count + newest_;
  // Before the first frame there was silence, and the ring is made of zeros.
  const std::uint64_t begin = windowEnd_ - window_.size();
  if (input.soundEnd == 0 || (windowEnd_ >= window_.size() && input.soundEnd <= begin)) {
    history_.silent[place] = 1;
    return;
  }
  const std::size_t mask = input.samples.size() - 1, from = static_cast<std::size_t>(begin) & mask;
  const std::size_t straight = std::min(window_.size(), input.samples.size() - from);
  std::copy_n(input.samples.begin() + static_cast<std::ptrdiff_t>(from), straight, window_.begin());
  std::copy_n(input.samples.begin(), window_.size() - straight, window_.begin() + static_cast<std::ptrdiff_t>(straight));
  fft_.forward(window_, bins_);
  history_.set(place, bins_);
}

void ConvolverLevel::multiply(const ConvolverPath& path, std::uint32_t partition) noexcept {
  const std::size_t place = std::size_t{path.lane} * partitions_.count + (newest_ + partitions_.count - partition) % partitions_.count;
  const std::size_t response = std::size_t{path.response} * partitions_.count + partition;
  if (history_.silent[place] || responses_.silent[response]) return;
  const SplitComplex sum = sums_.at(path.output);
  if (sums_.silent[path.output]) std::fill_n(sum.re, 2 * sums_.bins, 0.0f);
  sums_.silent[path.output] = 0;
  const Spectra& history = history_;
  const Spectra& responses = responses_;
  addComplexProducts(history.at(place), responses.at(response), sum, sums_.bins);
}

void ConvolverLevel::transformBack(std::uint32_t output) noexcept {
  back_.silent[output] = sums_.silent[output];
  if (sums_.silent[output]) return;
  const SplitComplex sum = sums_.at(output);
  for (std::size_t k = 0; k < bins_.size(); ++k) bins_[k] = {sum.re[k], sum.im[k]};
  fft_.inverse(bins_, window_);
  // The first half is spoiled by the circle that the transform closes.
  std::copy_n(window_.begin() + partitions_.size, partitions_.size, back_.samples.begin() + static_cast<std::ptrdiff_t>(output) * partitions_.size);
}

void ConvolverLevel::publish() noexcept {
  std::swap(front_.samples, back_.samples);
  std::swap(front_.silent, back_.silent);
}

void ConvolverLevel::reset() noexcept {
  std::fill(history_.silent.begin(), history_.silent.end(), 1);
  std::fill(front_.silent.begin(), front_.silent.end(), 1);
  std::fill(back_.silent.begin(), back_.silent.end(), 1);
  done_ = items_;
}

}  // namespace backline::dsp
