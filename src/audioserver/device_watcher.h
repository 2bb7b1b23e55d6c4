#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "audioserver/cubeb_context.h"
#include "audioserver/jack_presence.h"
#include "transport/notify_fd.h"

namespace backline::audioserver {

/// Keeps the list of devices up to date while it is asked to, on a thread of its own: at once where a backend tells of a change, and
/// by a look every second for what none tells of: another default, a server that comes or goes.
class DeviceWatcher {
 public:
  DeviceWatcher();
  ~DeviceWatcher();
  DeviceWatcher(const DeviceWatcher&) = delete;
  DeviceWatcher& operator=(const DeviceWatcher&) = delete;

  void start();  ///< [io]
  void stop();   ///< [io]

  /// Grows whenever the list becomes another; 0 until the first look since start() is done. [any thread]
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  /// The list of that version or a later one. [any thread but the devices']
  std::vector<DeviceInfo> devices() const;

 private:
  /// A backend's context that is kept, and what a change in it signals.
  struct Kept;
  void run();
  void look();
  std::vector<DeviceInfo> jackDevices();
  std::vector<DeviceInfo> pulseDevices();
  std::vector<DeviceInfo> alsaDevices();

  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> version_{0};
  transport::NotifyFd wake_;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::vector<DeviceInfo> devices_;  // under the mutex
  // The thread's.
  JackPresence jack_;
  bool jackThere_ = false;
  std::vector<DeviceInfo> jackDevices_;
  std::unique_ptr<Kept> pulse_;
  std::int64_t alsaChanged_ = 0;  // when /dev/snd was
  std::vector<DeviceInfo> alsaDevices_;
};

}  // namespace backline::audioserver
