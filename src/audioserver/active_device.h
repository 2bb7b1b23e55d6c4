#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "audioserver/capture_group.h"
#include "audioserver/mixer.h"
#include "audioserver/output_device.h"
#include "audioserver/voice.h"
#include "transport/fd.h"

namespace backline::audioserver {

/// What a session wants.
struct SessionRequest {
  double sampleRate = 0;  ///< Hz; 0: the device's
  std::uint32_t channels = 2;
  std::uint32_t quantum = 128;  ///< frames
  double latency = 0;           ///< seconds, the target; 0: the least the device can do
  std::uint32_t ringFrames = 0; ///< what the ring holds at least
};

/// What a session that moves brings along; empty for a new one.
struct BroughtEnds {
  transport::Fd refill, page;
};

/// A session's place in the mix, and its ends of what is shared.
struct SessionEnds {
  Voice* voice = nullptr;
  double sampleRate = 0;
  std::uint32_t callbackFrames = 0;  ///< session frames
  transport::Fd ring, refill, page;
};

/// A running device with the mixer that feeds it and the voices in it. [io]
class ActiveDevice {
 public:
  /// Starts the device. Throws DeviceError.
  explicit ActiveDevice(std::unique_ptr<OutputDevice> device);
  ~ActiveDevice();
  ActiveDevice(const ActiveDevice&) = delete;
  ActiveDevice& operator=(const ActiveDevice&) = delete;

  const DeviceInfo& info() const { return device_->info(); }
  double latency() { return device_->latency(); }
  Mixer& mixer() { return mixer_; }
  /// Those who capture what it plays.
  CaptureGroup& captures() { return captures_; }

  /// Throws DeviceError, TransportError.
  SessionEnds addSession(const SessionRequest& request, BroughtEnds brought = {});
  /// Fades it out; it is gone some callbacks later, or at once if the device is. Its ring and page are left alone from now on.
  void closeSession(Voice& voice);
  void closeAll();
  /// `voice` was closed and can still be heard.
  bool fading(const Voice& voice) const;
  /// Removes voices that have faded, refreshes the latency, notices the device's death, at which all that it plays and that is tapped or
  /// captured fades. To be called again and again.
  void tend();

  bool alive() const { return alive_; }
  bool empty() const { return sessions_.empty(); }
  /// Is not captured and has had no session for longer than the device lingers.
  bool forgotten() const;

 private:
  struct Session {
    std::unique_ptr<Voice> voice;
    std::int64_t closedAt = 0;  // nanoseconds; 0: open
  };

  void lose();

  std::unique_ptr<OutputDevice> device_;
  Mixer mixer_;
  CaptureGroup captures_;
  std::vector<Session> sessions_;
  std::int64_t emptySince_;
  bool alive_ = true;
};

}  // namespace backline::audioserver
