#include "session/device_watch.h"

#include <kj/debug.h>

namespace backline::session {

namespace {

class Listener final : public ipc::DeviceListener::Server {
 public:
  explicit Listener(std::shared_ptr<const DevicesChanged> changed) : changed_(std::move(changed)) {}

 protected:
  kj::Promise<void> devicesChanged(DevicesChangedContext) override {
    changed_->say();
    return kj::READY_NOW;
  }

 private:
  const std::shared_ptr<const DevicesChanged> changed_;
};

}  // namespace

kj::Promise<void> DeviceWatch::begin(ipc::AudioServer::Client server) {
  if (!changed_->wanted()) return kj::READY_NOW;
  if (begun_ == nullptr) {
    auto request = server.watchDevicesRequest();
    request.setListener(kj::heap<Listener>(changed_));
    begun_ = request.send().then([](auto&& answer) { return answer.getWatch(); }).fork();
  }
  return KJ_ASSERT_NONNULL(begun_).addBranch().ignoreResult();
}

}  // namespace backline::session
