#pragma once

#include <algorithm>
#include <cstdint>

#include "audioserver/device_info.h"

namespace backline::audioserver {

/// What a device calls for its frames.
class OutputCallback {
 public:
  /// Fills `frames` interleaved frames, any number of them. [device]
  virtual void render(float* interleaved, std::uint32_t frames) noexcept = 0;
  /// True if everything that `frames` frames need is there; asked by a device that can wait. [device]
  virtual bool ready(std::uint32_t frames) noexcept = 0;
  /// The device's clock went on by so many frames for which it did not call. [device]
  virtual void skip(std::uint64_t frames) noexcept { static_cast<void>(frames); }

 protected:
  ~OutputCallback() = default;
};

/// What the first session wants of a device that is not open yet.
struct OpenRequest {
  double sampleRate = 0;       ///< Hz; 0: the device's
  std::uint32_t channels = 2;
  std::uint32_t quantum = 128;  ///< frames
  double latency = 0;           ///< seconds, the target; 0: the least the device can do
};

/// Seconds of the wanted latency that a device which may choose keeps of its own. A session's ring must hold what one callback may take,
/// which is as much again, and some quanta of jitter: together they are what was wanted.
inline double deviceShare(const OpenRequest& request, double sampleRate) {
  constexpr double kJitterQuanta = 3;
  return std::max(0.0, (request.latency - kJitterQuanta * request.quantum / sampleRate) / 2);
}

/// One open device. Destroying it stops it.
class OutputDevice {
 public:
  virtual ~OutputDevice() = default;

  virtual const DeviceInfo& info() const = 0;
  virtual double sampleRate() const = 0;        ///< Hz
  virtual std::uint32_t channels() const = 0;
  /// Calls back from now on, from a thread of its own. Throws DeviceError. [io]
  virtual void start(OutputCallback& callback) = 0;
  /// No callback is running or follows once it has returned. [io]
  virtual void stop() = 0;
  /// The most frames that one callback is expected to ask for. Known once started. [io]
  virtual std::uint32_t callbackFrames() const = 0;
  /// Seconds from callback to ear, as far as the device knows. [io]
  virtual double latency() = 0;
  /// False once the device has gone: no callback will follow. Asked some ten times a second. [io]
  virtual bool alive() = 0;
  /// Seconds to stay open after its last session, so that a session that is rebuilt finds it open.
  virtual double lingerSeconds() const = 0;
};

}  // namespace backline::audioserver
