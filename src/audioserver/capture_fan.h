#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "audioserver/capture_stream.h"
#include "audioserver/use_count.h"

namespace backline::audioserver {

/// Gives every callback's frames of one source to all that capture it, and counts the source's frames.
///
/// Thread safety: captures come and go on the I/O thread while the device thread delivers, without locks: each has a slot that the
/// device thread reads once a callback, and remove() waits until no callback that may have read it is running.
class CaptureFan {
 public:
  static constexpr std::uint32_t kMaxCaptures = 64;

  explicit CaptureFan(std::uint32_t channels) : channels_(channels) {}

  /// False if there are kMaxCaptures already. [io]
  bool add(CaptureStream& stream);
  /// The device thread no longer uses the stream once it has returned. [io]
  void remove(CaptureStream& stream);

  /// False if a capture that loses nothing has no room for `frames` more. [device]
  bool ready(std::uint32_t frames) noexcept;
  /// The next `frames` frames of the source, which came `latency` seconds after the sound of their first. [device]
  void deliver(const float* interleaved, std::uint32_t frames, std::int64_t nanoseconds, double latency) noexcept;
  /// That many frames came to be which nobody will deliver. [device]
  void skip(std::uint64_t frames) noexcept { rt_.lost += frames; }

 private:
  const std::uint32_t channels_;
  std::array<std::atomic<CaptureStream*>, kMaxCaptures> streams_{};
  UseCount uses_;
  struct {
    std::uint64_t sourceFrame = 0;
    std::uint64_t lost = 0;  // since the last delivery
  } rt_;
};

}  // namespace backline::audioserver
