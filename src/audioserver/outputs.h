#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audioserver/active_device.h"
#include "audioserver/device_catalog.h"
#include "audioserver/tap.h"

namespace backline::audioserver {

/// The devices that are open, and the tap on the first of them that a session plays on, which goes elsewhere when none plays there any
/// more. [io]
class Outputs {
 public:
  explicit Outputs(const DeviceCatalog& catalog) : catalog_(catalog) {}
  ~Outputs();

  struct Opened {
    std::shared_ptr<ActiveDevice> device;
    SessionEnds ends;
  };
  /// Opens the device if it is not open. Throws DeviceError, TransportError.
  Opened open(const std::string& device, const SessionRequest& request, BroughtEnds brought = {});

  struct Loopback {
    std::shared_ptr<ActiveDevice> device;
    CaptureEnds ends;
  };
  /// Captures what the device plays, "virtual" or "stepped"; opens it if it is not open, stereo unless other channels are wanted.
  /// Throws DeviceError, TransportError.
  Loopback capture(const std::string& device, const CaptureRequest& request, BroughtCapture brought = {});

  /// Throws DeviceError.
  void startTap(const std::string& path, std::uint64_t frames, bool goOn);
  /// Ends the tap once it has its frames, or cannot get them because nothing plays. True when it is on disk, closed.
  /// To be called again and again until then.
  bool finishTap();
  /// Of the tap that was finished; forgets it.
  Tap::Result takeTapResult();
  bool hasTap() const { return tap_ != nullptr; }

  /// To be called again and again.
  void tend();
  /// Fades everything out.
  void closeAll();
  /// No session is left in any device.
  bool silent() const;
  /// Seconds until what was handed to the devices has been heard.
  double latency() const;

 private:
  std::shared_ptr<ActiveDevice> activate(const std::string& device, const OpenRequest& request);
  void attachTap();
  void detachTap();
  bool tapStarved();

  const DeviceCatalog& catalog_;
  std::vector<std::shared_ptr<ActiveDevice>> active_;
  std::string defaultId_;  // what "" was opened as, while it is open
  std::unique_ptr<Tap> tap_;
  ActiveDevice* tapped_ = nullptr;
  bool tapEnding_ = false;
  std::uint64_t tapSeen_ = 0;     // frames, when the tap last grew
  std::int64_t tapSeenAt_ = 0;
};

}  // namespace backline::audioserver
