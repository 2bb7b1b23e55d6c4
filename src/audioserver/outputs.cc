#include "audioserver/outputs.h"

#include <algorithm>

#include "audioserver/paced_thread.h"

namespace backline::audioserver {
namespace {

constexpr std::int64_t kTapPatience = 2'000'000'000;  // nanoseconds without a frame: none will come

}  // namespace

Outputs::~Outputs() { detachTap(); }

std::shared_ptr<ActiveDevice> Outputs::activate(const std::string& device, const OpenRequest& request) {
  const auto isOpen = [&](const std::string& id) -> std::shared_ptr<ActiveDevice> {
    for (const auto& active : active_) {
      if (active->alive() && active->info().id == id) return active;
    }
    return nullptr;
  };
  if (device.empty()) {
    if (auto active = isOpen(defaultId_)) return active;
  } else if (auto active = isOpen(device)) {
    return active;
  } else if (auto alias = isOpen(catalog_.describe(device).id)) {
    return alias;
  }
  auto opened = catalog_.open(device, request);
  // The default may be open by its own name.
  if (auto active = isOpen(opened->info().id)) {
    defaultId_ = active->info().id;
    return active;
  }
  active_.push_back(std::make_shared<ActiveDevice>(std::move(opened)));
  if (device.empty()) defaultId_ = active_.back()->info().id;
  return active_.back();
}

Outputs::Opened Outputs::open(const std::string& device, const SessionRequest& request, BroughtEnds brought) {
  tend();
  Opened opened;
  opened.device = activate(device, {request.sampleRate, request.channels, request.quantum, request.latency});
  opened.ends = opened.device->addSession(request, std::move(brought));
  attachTap();  // in time: the session cannot play before it is told of its ring
  return opened;
}

Outputs::Loopback Outputs::capture(const std::string& device, const CaptureRequest& request, BroughtCapture brought) {
  tend();
  OpenRequest wanted;
  if (request.channels != 0) wanted.channels = request.channels;
  Loopback loopback{activate(device, wanted), {}};
  loopback.ends = loopback.device->captures().add(request, std::move(brought));
  return loopback;
}

void Outputs::startTap(const std::string& path, std::uint64_t frames, bool goOn) {
  if (tap_) throw DeviceError("a tap is running already; finish it before '" + path + "' can be started");
  tap_ = std::make_unique<Tap>(path, frames, goOn);
  tapEnding_ = false;
  tapSeen_ = 0;
  tapSeenAt_ = nowNanoseconds();
  attachTap();
}

void Outputs::attachTap() {
  if (!tap_ || (tapped_ != nullptr && !tapped_->empty()) || tapEnding_) return;
  const auto playing = std::find_if(active_.begin(), active_.end(), [](const auto& active) { return !active->empty() && active->info().id != kNoDevice; });
  if (playing == active_.end()) return;
  ActiveDevice& first = **playing;
  if (!tap_->begun()) tap_->begin(first.mixer().channels(), first.mixer().sampleRate());
  // A device of another format that follows the tapped one cannot go into the same file.
  if (!tap_->takes(first.mixer().channels(), first.mixer().sampleRate())) return;
  detachTap();
  tapped_ = &first;
  first.mixer().setTap(tap_.get());
}

void Outputs::detachTap() {
  if (tapped_ != nullptr) tapped_->mixer().setTap(nullptr);
  tapped_ = nullptr;
}

bool Outputs::tapStarved() {
  if (tapped_ == nullptr || tapped_->empty() || !tapped_->alive()) return true;
  const std::int64_t now = nowNanoseconds();
  if (tap_->framesTaken() != tapSeen_) {
    tapSeen_ = tap_->framesTaken();
    tapSeenAt_ = now;
  }
  return now - tapSeenAt_ > kTapPatience;
}

bool Outputs::finishTap() {
  if (!tap_) throw DeviceError("no tap is running; start one before it can be finished");
  if (!tapEnding_) {
    if (tap_->limited() && !tap_->full() && !tapStarved()) return false;
    detachTap();
    tap_->end();
    tapEnding_ = true;
  }
  return tap_->done();
}

Tap::Result Outputs::takeTapResult() {
  const Tap::Result result = tap_->result();
  tap_.reset();
  return result;
}

void Outputs::tend() {
  for (const auto& active : active_) active->tend();
  std::erase_if(active_, [this](const std::shared_ptr<ActiveDevice>& active) {
    if (active->alive() && !active->forgotten()) return false;
    if (tapped_ == active.get()) detachTap();
    return true;
  });
  attachTap();   // follows what has moved elsewhere
}

void Outputs::closeAll() {
  for (const auto& active : active_) active->closeAll();
}

bool Outputs::silent() const {
  return std::all_of(active_.begin(), active_.end(), [](const auto& active) { return active->empty(); });
}

double Outputs::latency() const {
  double most = 0;
  for (const auto& active : active_) most = std::max(most, active->latency());
  return most;
}

}  // namespace backline::audioserver
