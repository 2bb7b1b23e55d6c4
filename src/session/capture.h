#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "transport/fd.h"
#include "transport/ring_stream.h"

namespace backline::session {

struct CaptureOptions {
  std::string device;                ///< empty: the engine's default input, else the system's; "virtual", "stepped"; an input's id
  std::uint32_t channels = 0;        ///< 0: the device's
  std::uint32_t capacityFrames = 0;  ///< of the ring; 0: half a second
  transport::Overflow overflow = transport::Overflow::dropOldest;
  double patience = 0;               ///< seconds for which a device that has gone is waited for; if it returns the ring is filled on
};

struct CaptureInfo {
  float sampleRate = 0;              ///< Hz, the device's
  std::uint32_t channels = 0;
  double latency = 0;                ///< seconds from the sound to the ring
  std::string device, deviceId, backend;
  std::string clock;                 ///< devices that say the same run from one clock; empty: its own
};

/// One reader of an input device: a ring that the audio server fills, until this object goes. Who reads the ring is the owner's
/// matter: this process, through reader(), or a session's node, through descriptors of ring().
/// Thread safety: one control thread; the RingReader belongs to whoever reads.
class Capture {
 public:
  virtual ~Capture() = default;
  virtual const CaptureInfo& info() const = 0;
  /// The ring's descriptor, for the one reader there is. [control]
  virtual const transport::Fd& ring() const = 0;
  /// eventfd, signalled when frames were written. [control]
  virtual const transport::Fd& written() const = 0;
  /// Frames that the device lost or the ring had no room for. [any thread]
  virtual std::uint64_t lostFrames() const = 0;
  /// `lost` is called once, on some thread, if the device or the audio server goes. Set before it can matter: at once. [control]
  virtual void onLost(std::function<void(std::string reason)> lost) = 0;
};

}  // namespace backline::session
