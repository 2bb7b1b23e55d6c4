#pragma once

#include <kj/async.h>

#include <cstdint>
#include <list>

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

  /// Looks while any of the capabilities stands. They must not outlive this.
  ipc::DeviceWatch::Client watch(ipc::DeviceListener::Client listener);
  /// The list from which on changes are told is known.
  bool ready() const { return watcher_.version() != 0; }
  /// Tells what is new. To be called again and again.
  void tend();

 private:
  class Watch;
  struct Listening {
    ipc::DeviceListener::Client listener;
    std::uint64_t told = 0;  // version
    bool telling = false;
    bool gone = false;
    kj::Promise<void> call = nullptr;
  };
  void tell(Listening& listening, std::uint64_t version);

  std::list<Listening> listening_;
  DeviceWatcher watcher_;
};

}  // namespace backline::audioserver
