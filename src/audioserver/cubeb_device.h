#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "audioserver/cubeb_context.h"
#include "audioserver/output_device.h"
#include "audioserver/use_count.h"

namespace backline::audioserver {

/// A device of the system: JACK, PulseAudio (or PipeWire in its place), ALSA.
class CubebDevice final : public OutputDevice {
 public:
  /// Opens the output that `info` (of CubebContext::devices) describes, at the rate it prefers. Throws DeviceError. [io]
  CubebDevice(std::unique_ptr<CubebContext> context, DeviceInfo info, const OpenRequest& request);
  ~CubebDevice() override;

  const DeviceInfo& info() const override { return info_; }
  double sampleRate() const override { return info_.sampleRate; }
  std::uint32_t channels() const override { return channels_; }
  void start(OutputCallback& callback) override;
  void stop() override;
  std::uint32_t callbackFrames() const override { return callbackFrames_; }
  double latency() override;
  bool alive() override;
  double lingerSeconds() const override { return 3; }

 private:
  static long onData(cubeb_stream*, void* self, const void*, void* output, long frames);
  static void onState(cubeb_stream*, void* self, cubeb_state state);
  void fill(float* output, std::uint32_t frames) noexcept;
  void awaitFirstCallbacks();
  bool awaitLife();

  std::unique_ptr<CubebContext> context_;
  DeviceInfo info_;
  std::uint32_t channels_;
  std::uint32_t latencyFrames_ = 0;  // as asked for
  std::uint32_t callbackFrames_ = 0;
  cubeb_stream* stream_ = nullptr;
  bool started_ = false;
  bool raisePriority_;
  std::atomic<OutputCallback*> callback_{nullptr};
  UseCount uses_;  // of the callback
  std::atomic<std::uint64_t> callbacks_{0};
  std::atomic<std::uint32_t> largest_{0};  // frames of the largest callback
  std::atomic<bool> failed_{false};
  bool dead_ = false;                // a JACK server that has gone
  std::uint64_t seenCallbacks_ = 0;  // by alive()
  std::int64_t seenAt_ = 0;
};

}  // namespace backline::audioserver
