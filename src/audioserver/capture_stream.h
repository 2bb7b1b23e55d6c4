#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ipc/pages.h"
#include "transport/notify_fd.h"
#include "transport/page.h"
#include "transport/ring_stream.h"

namespace backline::audioserver {

/// One callback's frames as a source gives them to its captures.
struct Arrival {
  const float* interleaved = nullptr;
  std::uint32_t frames = 0;
  std::uint64_t sourceFrame = 0;  ///< of the first one, in the source's own count
  std::uint64_t lost = 0;         ///< frames that the source lost before it
  std::int64_t nanoseconds = 0;   ///< CLOCK_MONOTONIC of the callback
  double latency = 0;             ///< seconds from the sound of the first frame to the callback; negative where it is yet to sound
  float peak = 0;                 ///< largest |sample|
};

/// One reader of a source: its ring, its page, its eventfd.
///
/// Invariants:
/// 1. In one generation sourceFrame - frame is constant: the frames between two marks of one generation follow one another.
/// 2. What was lost lies between the frames of two generations, and is counted in lostFrames. Unless it was overtaken, it is a gap of the ring.
/// The reader is not trusted: what it makes of its counter spoils its own frames only.
/// Thread safety: [device] members are the device thread's alone until no callback can find the stream any more.
class CaptureStream {
 public:
  /// The ring may have another number of channels than the source; it and the page may be what a server that has died has left, and then
  /// they go on in another generation. Throws TransportError. [io]
  CaptureStream(transport::SharedMemory ring, transport::NotifyFd written, transport::SharedMemory page, std::uint32_t sourceChannels);

  /// False if `frames` frames would be lost, by a ring that refuses, for want of room. [device]
  bool ready(std::uint32_t frames) const noexcept;
  /// [device]
  void take(const Arrival& arrival) noexcept;
  /// The stream is over: nothing more is written. Once no callback can find it. [io]
  void end() noexcept;
  /// The same, because the device is gone. [io]
  void endGone() noexcept;

  std::uint32_t channels() const noexcept { return ring_.format().channels; }

 private:
  void missed(const Arrival& arrival) noexcept;
  std::uint32_t makeRoom(std::uint32_t frames) noexcept;
  std::uint32_t write(const float* interleaved, std::uint32_t frames) noexcept;

  transport::RingWriter ring_;
  transport::NotifyFd written_;
  transport::PageWriter<ipc::CaptureStatus> page_;
  const std::uint32_t sourceChannels_;
  struct {
    std::vector<float> source;       // planes
    std::vector<float> mixed;        // planes
    std::vector<float> interleaved;  // of the mixed ones
    ipc::CaptureStatus status;
    bool begun = false;
    std::optional<transport::TimelineMark> last;   // of a server that has died
    bool gap = false;                // between the last frame written and the next
    bool overflowing = false;
    std::uint64_t overtaken = 0;     // stream frames before this one have been overwritten, if they were not read
  } rt_;
};

}  // namespace backline::audioserver
