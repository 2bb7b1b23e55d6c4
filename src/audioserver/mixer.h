#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "audioserver/capture_fan.h"
#include "audioserver/output_device.h"
#include "audioserver/tap.h"
#include "audioserver/use_count.h"
#include "audioserver/voice.h"

namespace backline::audioserver {

/// Sums the voices into the device's frames.
///
/// Thread safety: voices and tap come and go on the I/O thread while the device thread mixes, without locks: each has a slot
/// that the device thread reads once a callback, and remove() waits until no callback that may have read it is running.
class Mixer final : public OutputCallback {
 public:
  static constexpr std::uint32_t kMaxVoices = 512;

  Mixer(std::uint32_t channels, double sampleRate);

  std::uint32_t channels() const { return channels_; }
  double sampleRate() const { return sampleRate_; }

  /// False if there are kMaxVoices already. [io]
  bool add(Voice& voice);
  /// The device thread no longer uses the voice once it has returned. [io]
  void remove(Voice& voice);
  /// A callback that began before is over once it has returned. [io]
  void settle() const { uses_.waitUntilUnused(); }
  /// Null: none. The device thread no longer uses the one before once it has returned. [io]
  void setTap(Tap* tap);
  /// Seconds from callback to ear, to be published. [io]
  void setLatency(double seconds) { latency_.store(static_cast<float>(seconds), std::memory_order_relaxed); }

  void render(float* interleaved, std::uint32_t frames) noexcept override;
  bool ready(std::uint32_t frames) noexcept override;
  void skip(std::uint64_t frames) noexcept override { captures_.skip(frames); }

  /// Those who capture what the device plays.
  CaptureFan& captures() { return captures_; }

 private:
  void mixBlock(float* interleaved, std::uint32_t frames, const std::array<Voice*, kMaxVoices>& voices, std::uint32_t count) noexcept;

  const std::uint32_t channels_;
  const double sampleRate_;
  std::array<std::atomic<Voice*>, kMaxVoices> voices_{};
  std::atomic<Tap*> tap_{nullptr};
  std::atomic<float> latency_{0};
  UseCount uses_;
  CaptureFan captures_{channels_};
  struct {
    std::vector<float> planes;
    float peak[2] = {0, 0};
  } rt_;
};

}  // namespace backline::audioserver
