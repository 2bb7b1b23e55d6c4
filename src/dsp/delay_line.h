#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "dsp/mixing.h"

namespace backline::dsp {

/// What passed in the last quanta, whole quanta at a time, each with its own channel count. Memory is asked for once; that of channels
/// beyond the second becomes real when it is first written.
class DelayLine {
 public:
  static constexpr std::uint32_t kMaxChannels = 32;

  /// Reaches back at least `frames` frames before the quantum being written. Throws std::bad_alloc.
  DelayLine(std::uint64_t frames, std::uint32_t quantum);

  /// Appends one quantum; `silent`: its samples are zeros and need not be read. [render]
  void write(ConstPlanes in, bool silent) noexcept;
  /// Quanta written. [render]
  std::uint64_t written() const noexcept { return written_; }
  /// Some quantum that can still be read is not silent. [render]
  bool sounds() const noexcept { return sounding_ > 0; }
  /// The most channels among the quanta that hold frames first … last (counted from the first ever written; what was not written yet or
  /// is no longer there has none). Zero: nothing but silence, of no channels. [render]
  std::uint32_t channels(std::int64_t first, std::int64_t last) const noexcept;
  /// Whether any quantum with these frames sounds. [render]
  bool sounds(std::int64_t first, std::int64_t last) const noexcept;
  /// One sample of a channel, mixed to `channels` channels by the rules for speakers. [render]
  float at(std::int64_t frame, std::uint32_t channel, std::uint32_t channels) noexcept;
  /// `count` samples from `frame` on of every channel, out.frames of them, mixed to out.channels. [render]
  void read(std::int64_t frame, Planes out) noexcept;

 private:
  struct Slot {
    std::uint8_t channels = 0;
    bool silent = true;
  };
  struct Unmap {
    std::size_t bytes;
    void operator()(float* memory) const noexcept;
  };

  bool holds(std::int64_t quantum) const noexcept {
    return quantum >= 0 && quantum < static_cast<std::int64_t>(written_) && quantum + static_cast<std::int64_t>(slots_.size()) >= static_cast<std::int64_t>(written_);
  }
  const Slot& slot(std::int64_t quantum) const noexcept { return slots_[static_cast<std::size_t>(quantum) % slots_.size()]; }
  const float* plane(std::int64_t quantum, std::uint32_t channel) const noexcept {
    return memory_.get() + ((static_cast<std::size_t>(channel) * slots_.size()) + static_cast<std::size_t>(quantum) % slots_.size()) * quantum_;
  }
  /// The quantum's samples of a channel among `channels`; null: silence.
  const float* mixed(std::int64_t quantum, std::uint32_t channel, std::uint32_t channels) noexcept;

  const std::uint32_t quantum_;
  std::vector<Slot> slots_;
  std::unique_ptr<float[], Unmap> memory_;   // channel × slot × frame
  std::uint64_t written_ = 0;
  std::size_t sounding_ = 0;
  // One quantum of another channel count, mixed.
  std::vector<float> gathered_, mixed_;
  std::int64_t mixedQuantum_ = -1;
  std::uint32_t mixedChannels_ = 0;
};

}  // namespace backline::dsp
