#include "audioserver/active_device.h"

#include <algorithm>
#include <cmath>

#include "audioserver/paced_thread.h"

namespace backline::audioserver {
namespace {

constexpr std::int64_t kFadeLimit = 300'000'000;     // nanoseconds: a device that takes longer has stopped calling
constexpr std::uint32_t kLeastRingFrames = 4096;
constexpr std::uint32_t kRingCallbacks = 4;
constexpr std::uint32_t kJitterQuanta = 4;           // more than a host's target adds to one callback
constexpr std::uint32_t kLongQuantum = 8192;         // frames: more of them would be a lot of memory

}  // namespace

ActiveDevice::ActiveDevice(std::unique_ptr<OutputDevice> device)
    : device_(std::move(device)),
      mixer_(device_->channels(), device_->sampleRate()),
      captures_(mixer_.captures(), device_->channels(), device_->sampleRate(), device_->callbackFrames()),
      emptySince_(nowNanoseconds()) {
  device_->start(mixer_);
  mixer_.setLatency(device_->latency());
}

ActiveDevice::~ActiveDevice() { device_->stop(); }

SessionEnds ActiveDevice::addSession(const SessionRequest& request, BroughtEnds brought) {
  if (static_cast<bool>(brought.refill) != static_cast<bool>(brought.page)) {
    throw DeviceError("a session that moves brings its refill and its page; one of them is missing");
  }
  const bool moved = static_cast<bool>(brought.page);

  SessionEnds ends;
  ends.sampleRate = request.sampleRate > 0 ? request.sampleRate : device_->sampleRate();
  ends.callbackFrames = Voice::sessionFrames(device_->callbackFrames(), ends.sampleRate, device_->sampleRate());
  const auto target = static_cast<std::uint32_t>(std::ceil(request.latency * ends.sampleRate));
  const std::uint32_t quantum = request.quantum > 0 ? request.quantum : ends.callbackFrames;
  const std::uint32_t jitter = kJitterQuanta * quantum * (quantum <= kLongQuantum ? kRingCallbacks : 1);
  const std::uint32_t capacity = std::max({kLeastRingFrames, request.ringFrames, target + kRingCallbacks * ends.callbackFrames + jitter});
  transport::SharedMemory ring = transport::createRingStream(
      "session ring", {request.channels, static_cast<float>(ends.sampleRate), capacity, transport::Overflow::refuse});
  transport::SharedMemory page =
      moved ? transport::SharedMemory::map(std::move(brought.page)) : transport::createPage<ipc::OutputStatus>("output status");
  transport::NotifyFd refill = moved ? transport::NotifyFd::adopt(std::move(brought.refill)) : transport::NotifyFd::create();
  ends.ring = ring.fd().duplicate();
  ends.page = page.fd().duplicate();
  ends.refill = refill.fd().duplicate();

  auto voice = std::make_unique<Voice>(Voice::Ends{std::move(ring), std::move(refill), std::move(page), moved}, device_->sampleRate(), ends.callbackFrames);
  ends.voice = voice.get();
  if (!mixer_.add(*voice)) {
    throw DeviceError("device '" + info().id + "' plays " + std::to_string(Mixer::kMaxVoices) + " sessions already; close one of them");
  }
  sessions_.push_back({std::move(voice)});
  return ends;
}

void ActiveDevice::closeSession(Voice& voice) {
  for (Session& session : sessions_) {
    if (session.voice.get() != &voice || session.closedAt != 0) continue;
    voice.close();
    mixer_.settle();
    session.closedAt = nowNanoseconds();
  }
  if (!alive_) tend();
}

void ActiveDevice::closeAll() {
  for (Session& session : sessions_) closeSession(*session.voice);
}

bool ActiveDevice::fading(const Voice& voice) const {
  return std::any_of(sessions_.begin(), sessions_.end(), [&](const Session& session) { return session.voice.get() == &voice && session.closedAt != 0; });
}

void ActiveDevice::lose() {
  alive_ = false;
  device_->stop();
  for (Session& session : sessions_) {
    session.voice->publishGone();
    session.voice->close();
  }
  // No callback follows in which they could fade.
  std::vector<float> fade(std::size_t{kFadeFrames} * mixer_.channels());
  mixer_.render(fade.data(), kFadeFrames);
  captures_.publishGone();
}

void ActiveDevice::tend() {
  const std::int64_t now = nowNanoseconds();
  if (alive_ && !device_->alive()) lose();
  if (alive_) mixer_.setLatency(device_->latency());
  const auto gone = [&](Session& session) {
    if (session.closedAt == 0) return false;
    if (alive_ && !session.voice->finished() && now - session.closedAt < kFadeLimit) return false;
    mixer_.remove(*session.voice);
    return true;
  };
  if (std::erase_if(sessions_, gone) > 0 && sessions_.empty()) emptySince_ = now;
}

bool ActiveDevice::forgotten() const {
  if (!sessions_.empty() || (alive_ && !captures_.empty())) return false;
  return !alive_ || static_cast<double>(nowNanoseconds() - emptySince_) >= device_->lingerSeconds() * 1e9;
}

}  // namespace backline::audioserver
