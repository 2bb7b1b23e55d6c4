#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "audioserver/gap_fade.h"
#include "audioserver/rate_converter.h"
#include "ipc/pages.h"
#include "transport/notify_fd.h"
#include "transport/page.h"
#include "transport/ring_stream.h"

namespace backline::audioserver {

/// The most frames that are mixed at once; longer callbacks are done in pieces.
inline constexpr std::uint32_t kBlockFrames = 1024;

/// One session's part in the mix: reads its ring, converts its rate, rounds off gaps, counts underruns, publishes its page.
///
/// It joins when its writer is running and the ring has first been filled to what one callback takes, so that neither start nor
/// resumption is an underrun. Its ring and its writer are not trusted: what they say spoils its own sound only.
/// The voice of a session that has moved takes the page over when its ring has a writer, and begins by rising from silence.
/// Thread safety: [device] members are the device thread's alone; the others may be called at the same time.
class Voice {
 public:
  /// What a voice shares with its session.
  struct Ends {
    transport::SharedMemory ring;
    transport::NotifyFd refill;
    transport::SharedMemory page;
    bool moved = false;   ///< refill and page are those of an output that the session leaves, which uses them still
  };
  /// `callbackFrames`: session frames, as told to the session. Throws DeviceError, TransportError. [io]
  Voice(Ends ends, double deviceRate, std::uint32_t callbackFrames);

  /// True unless the session runs and its ring holds less than `frames` device frames need. [device]
  bool ready(std::uint32_t frames) noexcept;
  /// Begins a callback of `frames` device frames. [device]
  void begin(std::uint32_t frames) noexcept;
  bool playing() const noexcept { return rt_.joined; }  ///< [device]
  /// The session's next `frames` ≤ kBlockFrames frames as planes, one after another. Null: silence, nothing to mix. [device]
  const float* next(std::uint32_t frames) noexcept;
  /// Ends the callback: tells the writer, counts, publishes. [device]
  void end(std::int64_t nanoseconds, float deviceLatency, const float peak[2]) noexcept;

  std::uint32_t channels() const noexcept { return reader_.format().channels; }
  /// From the next callback on it reads no more, fades from the last played frame and publishes nothing. [any thread]
  void close() noexcept { closing_.store(true, std::memory_order_release); }
  /// The fade is over. [any thread]
  bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }
  /// Begins the latency figures of the page anew, at the device thread's next chance. [any thread]
  void resetLatency() noexcept { resetAsked_.fetch_add(1, std::memory_order_release); }
  /// The page shows every reset that was asked for. [any thread]
  bool latencyReset() const noexcept { return resetDone_.load(std::memory_order_acquire) == resetAsked_.load(std::memory_order_acquire); }
  /// Tells the session that its device is gone. Only when no callback can follow. [io]
  void publishGone() noexcept;

  /// How many session frames `frames` device frames take at once at most. [any thread]
  static std::uint32_t sessionFrames(std::uint32_t frames, double sessionRate, double deviceRate);

 private:
  bool takeOver() noexcept;
  void applyReset() noexcept;
  void addLatency() noexcept;
  std::uint32_t needed(std::uint32_t frames) const noexcept;
  std::uint32_t pull(std::uint32_t frames) noexcept;
  std::uint32_t fetch(std::uint32_t frames) noexcept;

  transport::RingReader reader_;
  transport::NotifyFd refill_;
  transport::PageWriter<ipc::OutputStatus> page_;
  transport::PageReader<ipc::OutputStatus> before_;   // the same page, as it was left to us
  std::unique_ptr<RateConverter> converter_;  // null where the rates agree
  std::uint32_t callbackFrames_;
  std::atomic<bool> closing_{false};
  std::atomic<bool> finished_{false};
  std::atomic<std::uint32_t> resetAsked_{0};
  std::atomic<std::uint32_t> resetDone_{0};
  struct {
    std::vector<float> fetched;  // interleaved, at the session's rate
    std::vector<float> planes;   // at the device's
    GapFade fade;
    ipc::OutputStatus status;
    bool owning = true;         // the page is ours
    bool closing = false;       // since the callback's beginning
    bool joined = false;
    bool starved = false;       // the callback before ended without frames
    std::uint32_t taken = 0;    // session frames in this callback
    std::uint32_t missing = 0;
  } rt_;
};

}  // namespace backline::audioserver
