#pragma once

#include <cstddef>
#include <memory>

#include "dsp/convolver_level.h"

namespace backline::dsp {

/// A matrix of filters with long impulse responses, without latency. After Gardner, "Efficient convolution without input-output delay"
/// (JAES 43, 1995): the first block of a response is convolved sample by sample, what follows in partitions that grow with their distance, so
/// that the work of a large one is spread over all blocks until its result is due. Nothing depends on how many frames a call brings.
/// Everything is allocated by the constructor.
class PartitionedConvolver {
 public:
  /// `block`: frames that are convolved directly, and between two steps of the partitions' work; a power of two, 16 … 4096. [compile]
  PartitionedConvolver(std::span<const std::vector<float>> responses, std::span<const ConvolverPath> paths, std::uint32_t lanes,
                       std::uint32_t outputs, std::uint32_t block);

  /// outputs[o] = Σ over the paths of lane ∗ response. A null lane is silent, a null output not wanted. [render]
  void process(std::span<const float* const> lanes, std::span<float* const> outputs, std::size_t frames) noexcept;
  /// Forgets all input. [render]
  void reset() noexcept;

 private:
  void convolveHead(std::span<float* const> outputs, std::size_t at, std::size_t count) noexcept;
  void addResults(std::span<float* const> outputs, std::size_t at, std::size_t count) noexcept;
  void endBlock() noexcept;

  const std::uint32_t block_;
  const std::vector<ConvolverPath> paths_;
  std::vector<std::vector<float>> heads_;    // the first block of each response
  std::vector<ConvolverLevel> levels_;       // the first has partitions of one block, due at once
  std::vector<InputRing> rings_;
  std::vector<std::vector<float>> recent_;   // of each lane: the previous block, then the one that is filled
  std::uint32_t filled_ = 0;
};

/// The partitions of a response of `length` frames after its first block. Those of `size` > block lie at least 2 · size deep, so that there
/// are size / block blocks between the end of their input and the time their result is due.
std::vector<Partitions> partitionsOf(std::uint64_t length, std::uint32_t block);

}  // namespace backline::dsp
