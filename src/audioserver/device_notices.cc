#include "audioserver/device_notices.h"

#include <algorithm>

#include "audioserver/requests.h"

namespace backline::audioserver {
namespace {

constexpr std::uint64_t kFirstVersion = 1;  // of the list that is there when the watch begins

}  // namespace

/// Alone owns its listener: that one may be what keeps the connection, and with it this.
class DeviceNotices::Watch final : public ipc::DeviceWatch::Server {
 public:
  explicit Watch(std::shared_ptr<Listening> listening) : listening_(std::move(listening)) {}

 private:
  const std::shared_ptr<Listening> listening_;
};

ipc::DeviceWatch::Client DeviceNotices::watch(ipc::DeviceListener::Client listener) {
  watcher_.start();
  auto listening = std::make_shared<Listening>(kj::mv(listener), std::max(watcher_.version(), kFirstVersion));
  listening_.push_back(listening);
  return kj::heap<Watch>(std::move(listening));
}

void DeviceNotices::tend() {
  std::erase_if(listening_, [](const auto& listening) { return listening.expired(); });
  if (listening_.empty()) return watcher_.stop();
  const std::uint64_t version = watcher_.version();
  for (const auto& each : listening_) {
    const auto listening = each.lock();
    if (listening && version > listening->told && !listening->telling && !listening->gone) tell(*listening, version);
  }
}

void DeviceNotices::tell(Listening& listening, std::uint64_t version) {
  listening.told = version;
  listening.telling = true;
  const std::vector<DeviceInfo> devices = watcher_.devices();
  auto request = listening.listener.devicesChangedRequest();
  write(request.initDevices(static_cast<unsigned>(devices.size())), devices);
  listening.call = request.send()
                       .then([&listening](auto&&) { listening.telling = false; }, [&listening](kj::Exception&&) { listening.gone = true; })
                       .eagerlyEvaluate(nullptr);
}

}  // namespace backline::audioserver
