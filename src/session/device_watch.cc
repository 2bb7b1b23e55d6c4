#include "session/device_watch.h"

#include <kj/debug.h>

#include <utility>

namespace backline::session {

namespace {

class Listener final : public ipc::DeviceListener::Server {
 public:
  Listener(std::shared_ptr<const DevicesChanged> changed, std::function<void()> told) : changed_(std::move(changed)), told_(std::move(told)) {}

 protected:
  kj::Promise<void> devicesChanged(DevicesChangedContext) override {
    told_();
    changed_->say();
    return kj::READY_NOW;
  }

 private:
  const std::shared_ptr<const DevicesChanged> changed_;
  const std::function<void()> told_;
};

}  // namespace

kj::Promise<void> DeviceWatch::begin(ipc::AudioServer::Client server, std::function<void()> told) {
  if (begun_ == nullptr) {
    auto request = server.watchDevicesRequest();
    request.setListener(kj::heap<Listener>(changed_, std::move(told)));
    begun_ = request.send().then([this](auto&& answer) {
      if (std::exchange(watchedBefore_, true)) changed_->say();
      return answer.getWatch();
    }).fork();
  }
  return KJ_ASSERT_NONNULL(begun_).addBranch().ignoreResult();
}

}  // namespace backline::session
