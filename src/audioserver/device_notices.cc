#include "audioserver/device_notices.h"

#include <algorithm>

#include "audioserver/requests.h"

namespace backline::audioserver {
namespace {

constexpr std::uint64_t kFirstVersion = 1;  // of the list that is there when the watch begins

}  // namespace

class DeviceNotices::Watch final : public ipc::DeviceWatch::Server {
 public:
  Watch(DeviceNotices& notices, std::list<Listening>::iterator listening) : notices_(notices), listening_(listening) {}
  ~Watch() noexcept(false) {
    notices_.listening_.erase(listening_);
    if (notices_.listening_.empty()) notices_.watcher_.stop();
  }

 private:
  DeviceNotices& notices_;
  const std::list<Listening>::iterator listening_;
};

ipc::DeviceWatch::Client DeviceNotices::watch(ipc::DeviceListener::Client listener) {
  watcher_.start();
  listening_.push_back({kj::mv(listener), std::max(watcher_.version(), kFirstVersion)});
  return kj::heap<Watch>(*this, std::prev(listening_.end()));
}

void DeviceNotices::tend() {
  const std::uint64_t version = watcher_.version();
  for (Listening& listening : listening_) {
    if (version > listening.told && !listening.telling && !listening.gone) tell(listening, version);
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
