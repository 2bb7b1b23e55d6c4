#pragma once

#include <kj/async.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "audioserver/device_watcher.h"
#include "ipc/backline.capnp.h"

namespace backline::audioserver {

/// Those who watch the devices, and what each was last told. Nobody is told the same twice, nor a second thing before the first has
/// arrived. [io]
class DeviceNotices {
 public:
  DeviceNotices() = default;
  DeviceNotices(const DeviceNotices&) = delete;
  DeviceNotices& operator=(const DeviceNotices&) = delete;

  /// Looks while any of the capabilities stands, as tend() sees.
  ipc::DeviceWatch::Client watch(ipc::DeviceListener::Client listener);
  /// The list from which on changes are told is known.
  bool ready() const { return watcher_.version() != 0; }
  /// Tells what is new. To be called again and again.
  void tend();

 private:
  class Watch;
  struct Listening {
    Listening(ipc::DeviceListener::Client who, std::uint64_t version) : listener(kj::mv(who)), told(version) {}
    ipc::DeviceListener::Client listener;
    std::uint64_t told;  // version
    bool telling = false;
    bool gone = false;
    kj::Promise<void> call = nullptr;
  };
  void tell(Listening& listening, std::uint64_t version);

  std::vector<std::weak_ptr<Listening>> listening_;
  DeviceWatcher watcher_;
};

}  // namespace backline::audioserver
