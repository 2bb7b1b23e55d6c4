#pragma once

#include "audioserver/cubeb_stream.h"
#include "audioserver/output_device.h"

namespace backline::audioserver {

/// An output of the system.
class CubebDevice final : public OutputDevice, private FrameHandler {
 public:
  /// Throws DeviceError. [io]
  CubebDevice(std::unique_ptr<CubebContext> context, const DeviceInfo& info, const OpenRequest& request);

  const DeviceInfo& info() const override { return stream_.info(); }
  double sampleRate() const override { return stream_.info().sampleRate; }
  std::uint32_t channels() const override { return stream_.channels(); }
  void start(OutputCallback& callback) override;
  void stop() override { stream_.stop(); }
  std::uint32_t callbackFrames() const override { return stream_.callbackFrames(); }
  double latency() override;
  bool alive() override { return stream_.alive(); }
  double lingerSeconds() const override { return 3; }

 private:
  void process(const float*, float* output, std::uint32_t frames) noexcept override { callback_->render(output, frames); }

  OutputCallback* callback_ = nullptr;
  CubebStream stream_;
};

}  // namespace backline::audioserver
