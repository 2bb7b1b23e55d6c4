#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "audioserver/capture_fan.h"
#include "transport/fd.h"

namespace backline::audioserver {

/// What a capture wants.
struct CaptureRequest {
  std::uint32_t channels = 0;        ///< 0: the device's
  std::uint32_t capacityFrames = 0;  ///< of the ring; 0: half a second
  transport::Overflow overflow = transport::Overflow::refuse;
};

/// What a capture brings along whose server has died; empty for a new one.
struct BroughtCapture {
  transport::Fd ring, written, page;
  explicit operator bool() const { return static_cast<bool>(ring); }
};

/// A capture's place in the fan, and its ends of what is shared.
struct CaptureEnds {
  CaptureStream* stream = nullptr;
  std::uint32_t channels = 0;
  transport::Fd ring, written, page;
};

/// What one device gives to whom: the captures behind its fan. [io]
class CaptureGroup {
 public:
  /// `callbackFrames`: what the source delivers at once; the least that a ring holds.
  CaptureGroup(CaptureFan& fan, std::uint32_t channels, double sampleRate, std::uint32_t callbackFrames)
      : fan_(fan), channels_(channels), sampleRate_(sampleRate), callbackFrames_(callbackFrames) {}
  CaptureGroup(const CaptureGroup&) = delete;
  CaptureGroup& operator=(const CaptureGroup&) = delete;

  double sampleRate() const { return sampleRate_; }
  /// Throws DeviceError, TransportError.
  CaptureEnds add(const CaptureRequest& request, BroughtCapture brought = {});
  /// Ends the stream. The device thread is not held up.
  void close(CaptureStream& stream);
  /// The device is gone: tells every capture. Only when no callback can follow.
  void publishGone();
  bool empty() const { return streams_.empty(); }

 private:
  CaptureFan& fan_;
  const std::uint32_t channels_;
  const double sampleRate_;
  const std::uint32_t callbackFrames_;
  std::vector<std::unique_ptr<CaptureStream>> streams_;
};

}  // namespace backline::audioserver
