#pragma once

#include <cstdint>
#include <vector>

#include "audioserver/output_device.h"
#include "audioserver/paced_thread.h"

namespace backline::audioserver {

/// A device without sound for deterministic runs: at the first session's rate, one of its quanta a period, and every period waits
/// until all that it needs is there. It never underruns and never skips: its clock slips instead.
class SteppedDevice final : public OutputDevice {
 public:
  explicit SteppedDevice(const OpenRequest& request);
  ~SteppedDevice() override { stop(); }

  static DeviceInfo describe();

  const DeviceInfo& info() const override { return info_; }
  double sampleRate() const override { return sampleRate_; }
  std::uint32_t channels() const override { return channels_; }
  void start(OutputCallback& callback) override;
  void stop() override { thread_.stop(); }
  std::uint32_t callbackFrames() const override { return period_; }
  double latency() override { return period_ / sampleRate_; }
  bool alive() override { return true; }
  double lingerSeconds() const override { return 0; }

 private:
  DeviceInfo info_ = describe();
  double sampleRate_;
  std::uint32_t channels_;
  std::uint32_t period_;
  std::vector<float> frames_;
  PacedThread thread_;
};

}  // namespace backline::audioserver
