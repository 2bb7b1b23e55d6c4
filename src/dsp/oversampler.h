#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dsp/half_band.h"

namespace backline::dsp {

/// Raises the sample rate of up to `channels` channels two or four times, has something done there, and lowers it again. Linear phase; delays
/// by 128 frames at twice, 192 at four times the rate, which is what browsers do. Allocates in the constructor only.
class Oversampler {
 public:
  /// `factor`: 2 or 4.
  Oversampler(std::uint32_t factor, std::uint32_t channels);

  /// Frames that a sound's end is heard after it.
  std::uint32_t tail() const { return tail_; }
  std::uint32_t latency() const { return latency_; }

  /// `work(float* samples, std::size_t count)` gets the samples at the higher rate, in runs of any length, to be changed in place. [render]
  template <class Work>
  void process(std::uint32_t channel, const float* in, float* out, std::uint32_t frames, Work&& work) noexcept {
    for (std::uint32_t done = 0; done < frames; done += kRun) {
      const std::uint32_t count = frames - done < kRun ? frames - done : kRun;
      const std::span<float> raised = raise(channel, in + done, count);
      work(raised.data(), raised.size());
      lower(channel, out + done, count);
    }
  }
  /// The channel sounds on as another one does. [render]
  void copy(std::uint32_t from, std::uint32_t to) noexcept;
  /// Silence was before. [render]
  void clear(std::uint32_t channel) noexcept;

 private:
  static constexpr std::uint32_t kRun = 128;   // frames

  struct Step {
    HalfBand filter;
    std::size_t up, down;   // where a channel's histories begin
  };
  std::span<float> raise(std::uint32_t channel, const float* in, std::uint32_t count) noexcept;
  void lower(std::uint32_t channel, float* out, std::uint32_t count) noexcept;
  float* historyOf(std::uint32_t channel) noexcept { return histories_.get() + channel * stride_; }

  std::vector<Step> steps_;   // from the lower rate upwards
  std::size_t stride_ = 0;    // floats of a channel
  std::uint32_t tail_ = 0, latency_ = 0;
  std::unique_ptr<float[]> histories_;
  std::vector<float> scratch_;
  std::vector<std::vector<float>> raised_;   // one run at the upper rate of each step
};

}  // namespace backline::dsp
