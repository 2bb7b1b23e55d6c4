#pragma once

#include "audioserver/capture_fan.h"
#include "audioserver/cubeb_stream.h"
#include "audioserver/gap_watch.h"
#include "audioserver/jack_latency.h"

namespace backline::audioserver {

/// An input of the system.
class CubebInput final : private FrameHandler {
 public:
  /// Throws DeviceError. [io]
  CubebInput(std::unique_ptr<CubebContext> context, DeviceInfo info, std::uint32_t channels);
  ~CubebInput() { stop(); }

  const DeviceInfo& info() const { return stream_.info(); }
  double sampleRate() const { return stream_.info().sampleRate; }
  std::uint32_t channels() const { return stream_.channels(); }
  /// Delivers from now on, from a thread of the backend's. Throws DeviceError. [io]
  void start(CaptureFan& fan);
  /// No delivery is under way or follows once it has returned. [io]
  void stop() { stream_.stop(); }
  /// The most frames that one delivery is expected to be about. Known once started. [io]
  std::uint32_t callbackFrames() const { return stream_.callbackFrames(); }
  /// Seconds from a sound to its delivery: for JACK what the server says, otherwise what cubeb does, and at least what one delivery holds. [io]
  double latency();
  bool alive() { return stream_.alive(); }

 private:
  void process(const float* input, float*, std::uint32_t frames) noexcept override;

  CaptureFan* fan_ = nullptr;
  std::atomic<float> latency_{-1};   // seconds; below 0: not known yet
  JackLatency jack_;
  struct {
    std::uint64_t skipped = 0;  // as cubeb counts
  } rt_;
  CubebStream stream_;
  GapWatch gaps_;
};

}  // namespace backline::audioserver
