#include "audioserver/inputs.h"

namespace backline::audioserver {
namespace {

constexpr std::uint32_t kDefaultChannels = 2;  // of a device that leaves it to us

}  // namespace

ActiveInput::ActiveInput(std::unique_ptr<CubebInput> device) : device_(std::move(device)), fan_(device_->channels()) {
  device_->start(fan_);
  device_->latency();
  captures_ = std::make_unique<CaptureGroup>(fan_, device_->channels(), device_->sampleRate(), device_->callbackFrames());
}

void ActiveInput::tend() {
  if (!alive_) return;
  if (device_->alive()) {
    device_->latency();
    return;
  }
  alive_ = false;
  device_->stop();
  captures_->publishGone();
}

std::shared_ptr<ActiveInput> Inputs::isOpen(const std::string& id) const {
  for (const auto& active : active_) {
    if (active->alive() && active->info().id == id) return active;
  }
  return nullptr;
}

Inputs::Opened Inputs::open(const std::string& device, const CaptureRequest& request, BroughtCapture brought) {
  tend();
  std::shared_ptr<ActiveInput> active = isOpen(device);
  if (!active) {
    const DeviceInfo info = catalog_.describeInput(device);
    if (info.backend == "virtual") return loopback(info, request, std::move(brought));
    active = isOpen(info.id);  // by another name
    if (!active) {
      active = std::make_shared<ActiveInput>(catalog_.openInput(info, request.channels != 0 ? request.channels : kDefaultChannels));
      active_.push_back(active);
    }
  }
  CaptureEnds ends = active->captures().add(request, std::move(brought));
  return {{active, &active->captures()}, std::move(ends), active->info(), active->latency()};
}

Inputs::Opened Inputs::loopback(DeviceInfo info, const CaptureRequest& request, BroughtCapture brought) {
  auto [active, ends] = outputs_.capture(info.id, request, std::move(brought));
  info.sampleRate = active->info().sampleRate;
  return {{active, &active->captures()}, std::move(ends), std::move(info), -active->latency()};
}

void Inputs::tend() {
  for (const auto& active : active_) active->tend();
  std::erase_if(active_, [](const auto& active) { return !active->alive() || active->captures().empty(); });
}

}  // namespace backline::audioserver
