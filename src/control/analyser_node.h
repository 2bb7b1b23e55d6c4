#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "control/audio_node.h"
#include "dsp/spectrum_analysis.h"
#include "transport/ring_stream.h"

namespace backline {

struct AnalyserOptions : AudioNodeOptions {
  std::uint32_t fftSize = 2048;          ///< frames
  double maxDecibels = -30;
  double minDecibels = -100;
  double smoothingTimeConstant = 0.8;    ///< 0 … 1
};

/// Web Audio §1.8. The render side writes the down-mixed input into a history, and everything is computed here, from its newest frames.
/// [control]
class AnalyserNode final : public AudioNode {
 public:
  /// Throws IndexSizeError for an impossible option, NotSupportedError if there is no memory for the history.
  explicit AnalyserNode(BaseAudioContext& context, const AnalyserOptions& options = {});

  std::uint32_t fftSize() const { return fftSize_; }   ///< frames
  /// Throws IndexSizeError unless it is a power of two from 32 to 32768. Another size forgets what was smoothed.
  void setFftSize(std::uint32_t size);
  std::uint32_t frequencyBinCount() const { return fftSize_ / 2; }
  double minDecibels() const { return minDecibels_; }
  double maxDecibels() const { return maxDecibels_; }
  /// Throw IndexSizeError unless the least is below the most.
  void setMinDecibels(double decibels);
  void setMaxDecibels(double decibels);
  double smoothingTimeConstant() const { return smoothing_; }
  /// Throws IndexSizeError outside 0 … 1.
  void setSmoothingTimeConstant(double smoothing);

  /// Each fills what fits of the array: frequencyBinCount() bins, fftSize() frames. Frequencies are those of the newest fftSize() frames,
  /// smoothed; called again within one quantum they are the same.
  void getFloatFrequencyData(std::span<float> decibels);
  void getByteFrequencyData(std::span<std::uint8_t> bytes);
  void getFloatTimeDomainData(std::span<float> samples);
  void getByteTimeDomainData(std::span<std::uint8_t> bytes);

 private:
  void requireDecibels(double least, double most) const;
  /// The newest fftSize() frames, and where in the history they end.
  std::uint64_t readNewest();
  void updateSpectrum();

  std::uint32_t fftSize_;
  double minDecibels_, maxDecibels_, smoothing_;
  std::shared_ptr<ResourceHandle> stream_;
  transport::RingReader history_;
  std::vector<float> samples_;
  std::optional<dsp::SpectrumAnalysis> analysis_;   // of fftSize_, made when it is first wanted
  std::optional<std::uint64_t> analysed_;           // the history's position that analysis_ has been updated at
};

}  // namespace backline
