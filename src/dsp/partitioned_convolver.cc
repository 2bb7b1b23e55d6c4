#include "dsp/partitioned_convolver.h"

#include <algorithm>

#include "dsp/kernels.h"

namespace backline::dsp {

namespace {

// Larger partitions would save little of the products, and each transform is one indivisible step of the work.
constexpr std::uint32_t kLargestPartition = 4096;   // frames

}  // namespace

std::vector<Partitions> partitionsOf(std::uint64_t length, std::uint32_t block) {
  std::vector<Partitions> all;
  std::uint64_t from = block;
  for (std::uint32_t size = block; from < length;) {
    // The first step up is small, since the smallest partitions are transformed most often.
    const std::uint32_t next = std::min(size * (size == block ? 4 : 8), kLargestPartition);
    const std::uint64_t end = size >= kLargestPartition ? length : std::min<std::uint64_t>(length, 2 * std::uint64_t{next});
    all.push_back({size, from, static_cast<std::uint32_t>((end - from + size - 1) / size)});
    from += std::uint64_t{all.back().count} * size;
    size = next;
  }
  return all;
}

PartitionedConvolver::PartitionedConvolver(std::span<const std::vector<float>> responses, std::span<const ConvolverPath> paths,
                                           std::uint32_t lanes, std::uint32_t outputs, std::uint32_t block)
    : block_(block), paths_(paths.begin(), paths.end()) {
  std::size_t length = 0;
  for (const std::vector<float>& response : responses) {
    length = std::max(length, response.size());
    const std::size_t direct = std::min<std::size_t>(response.size(), block);
    heads_.emplace_back(response.begin(), response.begin() + static_cast<std::ptrdiff_t>(direct));
  }
  std::size_t window = 0;
  for (const Partitions& partitions : partitionsOf(length, block)) {
    window = 2 * std::size_t{partitions.size};
    levels_.emplace_back(partitions, partitions.size / block, ConvolverLevel::Matrix{responses, paths, lanes, outputs});
  }
  rings_.resize(lanes);
  // A window is transformed up to half its length after it has ended.
  for (InputRing& ring : rings_) ring.samples.assign(2 * window, 0.0f);
  recent_.assign(lanes, std::vector<float>(2 * std::size_t{block}, 0.0f));
}

void PartitionedConvolver::process(std::span<const float* const> lanes, std::span<float* const> outputs, std::size_t frames) noexcept {
  for (std::size_t at = 0; at < frames;) {
    const std::size_t count = std::min<std::size_t>(frames - at, block_ - filled_);
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
      float* to = recent_[lane].data() + block_ + filled_;
      if (lanes[lane] != nullptr) {
        std::copy_n(lanes[lane] + at, count, to);
        rings_[lane].soundEnd = rings_[lane].end + filled_ + count;
      } else {
        std::fill_n(to, count, 0.0f);
      }
    }
    for (float* output : outputs)
      if (output != nullptr) std::fill_n(output + at, count, 0.0f);
    convolveHead(outputs, at, count);
    addResults(outputs, at, count);
    filled_ += static_cast<std::uint32_t>(count);
    at += count;
    if (filled_ == block_) endBlock();
  }
}

void PartitionedConvolver::convolveHead(std::span<float* const> outputs, std::size_t at, std::size_t count) noexcept {
  for (const ConvolverPath& path : paths_) {
    const InputRing& ring = rings_[path.lane];
    const bool silent = ring.soundEnd == 0 || ring.soundEnd + block_ <= ring.end + filled_;
    if (silent || outputs[path.output] == nullptr) continue;
    const std::vector<float>& taps = heads_[path.response];
    addFiltered(recent_[path.lane].data() + block_ + filled_, taps.data(), taps.size(), outputs[path.output] + at, count);
  }
}

void PartitionedConvolver::addResults(std::span<float* const> outputs, std::size_t at, std::size_t count) noexcept {
  const std::uint64_t now = rings_[0].end + filled_;
  for (const ConvolverLevel& level : levels_) {
    for (std::uint32_t output = 0; output < outputs.size(); ++output) {
      const float* result = outputs[output] != nullptr ? level.result(output) : nullptr;
      if (result != nullptr) add(result + (now & (level.size() - 1)), outputs[output] + at, count);
    }
  }
}

void PartitionedConvolver::endBlock() noexcept {
  for (std::size_t lane = 0; lane < rings_.size(); ++lane) {
    InputRing& ring = rings_[lane];
    float* newest = recent_[lane].data() + block_;
    if (!ring.samples.empty()) std::copy_n(newest, block_, ring.samples.data() + (ring.end & (ring.samples.size() - 1)));
    ring.end += block_;
    std::copy_n(newest, block_, newest - block_);
  }
  filled_ = 0;
  for (ConvolverLevel& level : levels_) {
    const bool whole = (rings_[0].end & (level.size() - 1)) == 0;
    const bool atOnce = level.size() == block_;
    if (whole) {
      if (!atOnce) level.publish();
      level.begin(rings_);
    }
    level.work(rings_);
    if (atOnce) level.publish();
  }
}

void PartitionedConvolver::reset() noexcept {
  for (ConvolverLevel& level : levels_) level.reset();
  for (InputRing& ring : rings_) {
    std::fill(ring.samples.begin(), ring.samples.end(), 0.0f);
    ring.soundEnd = 0;
  }
  for (std::vector<float>& samples : recent_) std::fill(samples.begin(), samples.end(), 0.0f);
}

}  // namespace backline::dsp
