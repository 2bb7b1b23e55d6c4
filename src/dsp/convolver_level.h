#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/convolution_kernels.h"
#include "dsp/fft.h"

namespace backline::dsp {

/// A stretch of an impulse response, cut into partitions of one size.
struct Partitions {
  std::uint32_t size;     ///< frames, a power of two
  std::uint64_t offset;   ///< frames of the response before the first
  std::uint32_t count;
};

/// One filter of a matrix: input `lane` through `response` onto `output`.
struct ConvolverPath {
  std::uint32_t lane, response, output;
};

/// The newest samples of one input.
struct InputRing {
  std::vector<float> samples;   ///< a power of two of them
  std::uint64_t end = 0;        ///< frames pushed
  std::uint64_t soundEnd = 0;   ///< those after this frame were silent
};

/// Convolution with the partitions of one size: overlap-save, the sums of products taken in the frequency domain. A window of the input is
/// transformed, multiplied and transformed back in `slots` steps of about the same cost.
class ConvolverLevel {
 public:
  struct Matrix {
    std::span<const std::vector<float>> responses;
    std::span<const ConvolverPath> paths;
    std::uint32_t lanes, outputs;
  };
  /// [compile]
  ConvolverLevel(const Partitions& partitions, std::uint32_t slots, const Matrix& matrix);

  std::uint32_t size() const { return partitions_.size; }
  /// The window that ends with the newest frame, a multiple of size(): its work begins. What was begun before must be done. [render]
  void begin(std::span<const InputRing> inputs) noexcept;
  /// The next of the `slots` steps. The rings must still hold the window. [render]
  void work(std::span<const InputRing> inputs) noexcept;
  /// What has been worked out becomes what result() gives. [render]
  void publish() noexcept;
  /// size() frames of an output, null for silence. [render]
  const float* result(std::uint32_t output) const noexcept { return front_.silent[output] ? nullptr : front_.samples.data() + std::size_t{output} * size(); }
  /// Forgets all input. [render]
  void reset() noexcept;

 private:
  /// `count` spectra, their real parts and their imaginary parts.
  struct Spectra {
    std::size_t bins = 0;
    std::vector<float> values;
    std::vector<char> silent;
    void reserve(std::size_t count, std::size_t itsBins);
    SplitComplex at(std::size_t index) { return {values.data() + 2 * index * bins, values.data() + (2 * index + 1) * bins}; }
    ConstSplitComplex at(std::size_t index) const { return {values.data() + 2 * index * bins, values.data() + (2 * index + 1) * bins}; }
    void set(std::size_t index, std::span<const std::complex<float>> spectrum);
  };
  struct Results {
    std::vector<float> samples;
    std::vector<char> silent;
  };

  void transform(const InputRing& input, std::uint32_t lane) noexcept;
  void multiply(const ConvolverPath& path, std::uint32_t partition) noexcept;
  void transformBack(std::uint32_t output) noexcept;
  void doItem(std::uint32_t item, std::span<const InputRing> inputs) noexcept;

  const Partitions partitions_;
  const std::uint32_t slots_;
  const std::vector<ConvolverPath> paths_;
  const std::uint32_t lanes_, outputs_;
  Spectra responses_;
  RealFft<float> fft_;

  // The items of a window's work: a transform for each lane, a product for each path and partition, a transform for each output.
  std::uint32_t items_ = 0, done_ = 0, slot_ = 0;
  std::uint64_t cost_ = 0, spent_ = 0;

  std::uint32_t newest_ = 0;   // the place in the history of the window at work
  std::uint64_t windowEnd_ = 0;
  Spectra history_;            // lane-major
  Spectra sums_;
  Results front_, back_;
  std::vector<float> window_;
  std::vector<std::complex<float>> bins_;
};

}  // namespace backline::dsp
