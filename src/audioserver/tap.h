#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "transport/fd.h"
#include "transport/notify_fd.h"
#include "transport/ring_stream.h"

struct sf_private_tag;  // libsndfile's SNDFILE

namespace backline::audioserver {

/// Writes what goes to a device into a float32 WAV file (RF64 beyond 4 GB) that is readable at every moment of its making: the
/// device thread fills a ring, a thread of the tap's own empties it. A disk that fails ends the file, never the sound.
class Tap {
 public:
  /// Creates the file, or goes on with one that a server which has died has left, whose last frame fades. `frameLimit` 0: none. Throws
  /// DeviceError naming the path. [io]
  Tap(std::string path, std::uint64_t frameLimit, bool goOn = false);
  ~Tap();

  /// Begins writing frames of this format. Throws DeviceError. [io]
  void begin(std::uint32_t channels, double sampleRate);
  bool begun() const { return thread_.joinable(); }             ///< [io]
  bool takes(std::uint32_t channels, double sampleRate) const;  ///< the format is the one begun with [io]

  /// From here on frames are kept. [device]
  void open() noexcept { open_.store(true, std::memory_order_relaxed); }
  /// True unless write() of `frames` would drop. [device]
  bool hasRoom(std::uint32_t frames) const noexcept;
  /// [device]
  void write(const float* interleaved, std::uint32_t frames) noexcept;

  bool limited() const { return frameLimit_ != 0; }  ///< [any thread]
  /// The limit is reached. [any thread]
  bool full() const noexcept;
  std::uint64_t framesTaken() const noexcept { return taken_.load(std::memory_order_acquire); }  ///< [any thread]
  /// No more frames will come: the file is finished and closed in the background. Only with the device thread elsewhere. [io]
  void end();
  /// The file is on disk, closed. [any thread]
  bool done() const noexcept { return done_.load(std::memory_order_acquire); }

  struct Result {
    std::uint64_t frames = 0;   ///< in the file
    std::uint64_t dropped = 0;  ///< for which the disk was too slow
    std::string error;          ///< empty: none
  };
  Result result() const;  ///< Once done. [io]

 private:
  bool reopen();
  void start(std::uint32_t channels, sf_private_tag* file);
  void drain(sf_private_tag* file);
  void finish(sf_private_tag* file);

  const std::string path_;
  const std::uint64_t frameLimit_;
  transport::Fd fd_;
  std::uint32_t sampleRate_ = 0;
  transport::RingWriter writer_;
  transport::RingReader reader_;
  transport::NotifyFd wake_;
  std::atomic<bool> open_{false};
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<bool> ending_{false};
  std::atomic<bool> done_{false};
  std::uint64_t written_ = 0;  // this and the error are the thread's until it is done
  std::string error_;
  std::thread thread_;
};

}  // namespace backline::audioserver
