// Where an element's sound goes: a ring between its pump and a source node.

#include <utility>

#include "control/errors.h"
#include "media/media_element.h"
#include "media/media_pump.h"
#include "transport/error.h"

namespace backline::media {

namespace {
constexpr float kAhead = 0.25f;   // seconds in the ring
}

void MediaElement::requireFree() const {
  if (taken_) throw DomException("InvalidStateError", "mediaElement is played by another MediaElementAudioSourceNode already");
}

void MediaElement::take(std::shared_ptr<MediaElementOutput> output) {
  const double position = currentTime();
  taken_ = true;
  ownOutput_ = false;
  output_ = std::move(output);
  output_->setVolume(effectiveVolume());
  if (known_.opened) attachRing(position);
  updateOutput();
}

/// A new ring, from which the pump's frames go on at this position.
void MediaElement::attachRing(double position) {
  try {
    const float rate = output_->sampleRate();
    transport::SharedMemory ring = transport::createRingStream(
        "media-element", {known_.info.channels, rate, static_cast<std::uint32_t>(rate * kAhead), transport::Overflow::refuse});
    output_->bind(ring.fd());
    pump_->setRing(std::move(ring), ownOutput_ ? elements_.latency() : 0);
    bound_ = true;
    placeAt(position);
  } catch (const std::exception& error) {
    loseOutput(error.what());
  }
}

void MediaElement::placeAt(double seconds) {
  playedOut_ = false;
  if (output_) {
    output_->setPlaying(false);
    output_->playUntil({});
  }
  pump_->setPlaying(false);
  pump_->place(++place_, seconds);
}

/// Makes the node and the pump do what the element's state says. To be called after every change.
void MediaElement::updateOutput() {
  const bool sounds = wantsToSound() && readyState_ >= ReadyState::currentData && playbackRate_ > 0;
  if (sounds && !output_) {
    try {
      output_ = elements_.openOutput();
      ownOutput_ = true;
      output_->setVolume(effectiveVolume());
      attachRing(currentTime());
    } catch (const std::exception& error) {
      loseOutput(error.what());
    }
  }
  elements_.letRun();
  if (output_ && pump_ && bound_) {
    if (known_.placed == place_) output_->playFrom(known_.from);
    const bool plays = sounds && known_.ready == place_;
    if (plays && !playedFrom_) playedFrom_ = currentTime();
    output_->setPlaying(plays);
    pump_->setPlaying(plays);
  }
  updateActive();
}

void MediaElement::updateActive() {
  if (std::exchange(active_, isActive()) != isActive() && onactive) onactive(active_);
  elements_.update();
}

/// It can be heard no longer, or not at all.
void MediaElement::loseOutput(const std::string& why) {
  if (!ownOutput_ && output_) return;   // its context has told
  ownOutput_ = bound_ = false;
  output_.reset();
  if (!wantsToSound()) return;
  showFailure(MediaFailure(MediaErrorCode::decode, currentSrc_ + ": cannot be heard: " + why));
  updateOutput();
}

void MediaElement::dropPump() {
  if (output_) output_->unbind();
  elements_.retire(std::move(pump_));
  bound_ = playedOut_ = false;
  known_ = {};
}

void MediaElement::commit() {
  if (output_) output_->link()->commit();
}

void MediaElement::shut() {
  ++generation_;
  onactive = nullptr;
  onevent = nullptr;
  dropPump();
  output_.reset();
  paused_ = true;
  tasks_ = 0;
}

}  // namespace backline::media
