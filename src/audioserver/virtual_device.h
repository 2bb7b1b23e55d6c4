#pragma once

#include <cstdint>
#include <vector>

#include "audioserver/output_device.h"
#include "audioserver/paced_thread.h"

namespace backline::audioserver {

/// A device without sound: takes its frames by the clock, at absolute deadlines, so that it neither drifts nor catches up.
/// Periods that were missed are skipped.
class VirtualDevice final : public OutputDevice {
 public:
  /// `info`: describe() or describeNone().
  explicit VirtualDevice(const OpenRequest& request, DeviceInfo info = describe());
  ~VirtualDevice() override { stop(); }

  static DeviceInfo describe();
  /// What contexts play on that play on no device: in no list, unheard even by the tap.
  static DeviceInfo describeNone();

  const DeviceInfo& info() const override { return info_; }
  double sampleRate() const override { return sampleRate_; }
  std::uint32_t channels() const override { return channels_; }
  void start(OutputCallback& callback) override;
  void stop() override { thread_.stop(); }
  std::uint32_t callbackFrames() const override { return period_; }
  double latency() override { return period_ / sampleRate_; }  // what was taken is "heard" during the next period
  bool alive() override { return true; }
  double lingerSeconds() const override { return 0; }

 private:
  DeviceInfo info_;
  double sampleRate_;
  std::uint32_t channels_;
  std::uint32_t period_;
  std::vector<float> frames_;
  PacedThread thread_;
};

}  // namespace backline::audioserver
