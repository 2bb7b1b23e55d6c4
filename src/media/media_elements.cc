#include "media/media_elements.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "media/media_element.h"
#include "media/media_pump.h"

namespace backline::media {

void MediaElements::Waker::wake() {
  std::function<void()> call;
  {
    const std::lock_guard lock(mutex);
    awake = true;
    call = hook;
  }
  changed.notify_all();
  if (call) call();
}

MediaElements::MediaElements(std::function<session::Engine&()> engine, std::shared_ptr<DecodeHelper> helper) : engine_(std::move(engine)), helper_(std::move(helper)) {}
MediaElements::MediaElements(session::Engine& engine, std::shared_ptr<DecodeHelper> helper)
    : MediaElements([&engine]() -> session::Engine& { return engine; }, std::move(helper)) {}
MediaElements::~MediaElements() { shut(); }

void MediaElements::shut() {
  shut_ = true;
  onWake({});
  tasks_.clear();
  for (MediaElement* element : elements_) element->shut();
  retired_.clear();
  context_.reset();
  update();
}

void MediaElements::onWake(std::function<void()> wake) {
  const std::lock_guard lock(waker_->mutex);
  waker_->hook = std::move(wake);
}

void MediaElements::queueTask(std::function<void()> task) {
  if (shut_) return;
  tasks_.push_back(std::move(task));
  waker_->wake();
  update();
}

bool MediaElements::isBusy() const {
  return !tasks_.empty() || std::any_of(elements_.begin(), elements_.end(), [](const MediaElement* element) { return element->isBusy(); });
}

void MediaElements::update() {
  const bool busy = isBusy();
  if (std::exchange(busy_, busy) != busy && onbusy) onbusy(busy);
}

// ------------------------------------------------------------------ dispatch

bool MediaElements::dispatchOne() {
  {
    const std::lock_guard lock(waker_->mutex);
    waker_->awake = false;
  }
  if (shut_) return false;
  std::erase_if(retired_, [](const auto& pump) { return pump->hasStopped(); });
  bool more = context_ && context_->dispatchOne();
  if (!lost_.empty()) loseOutput();
  for (MediaElement* element : elements_) element->observe();
  if (!tasks_.empty()) {
    const auto task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
  }
  for (MediaElement* element : elements_) element->commit();
  update();
  more |= !tasks_.empty();
  return more && !shut_;
}

void MediaElements::dispatch() {
  while (dispatchOne()) {
  }
}

bool MediaElements::waitAndDispatch(double seconds) {
  if (tasks_.empty()) {
    std::unique_lock lock(waker_->mutex);
    if (!waker_->changed.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return waker_->awake; })) return false;
  }
  dispatch();
  return true;
}

// ------------------------------------------------------------------ the shared context

std::shared_ptr<MediaElementOutput> MediaElements::openOutput() {
  if (shut_) throw DomException("InvalidStateError", "the program is ending");
  if (!context_) {
    context_ = std::make_unique<AudioContext>(engine_(), AudioContextOptions{.latencyHint = AudioContextLatencyCategory::balanced});
    context_->onerror = [this](const std::string& message) { lost_ = message.empty() ? "the sound has ended" : message; };
    context_->link()->onWake([waker = waker_] { waker->wake(); });
    context_->link()->onFirstChange([waker = waker_] { waker->wake(); });
    running_ = true;
  }
  const auto node = std::make_shared<MediaElementAudioSourceNode>(*context_);
  node->connect(context_->destination());
  return node->output();
}

double MediaElements::latency() const { return context_ ? context_->baseLatency() + context_->outputLatency() : 0; }

void MediaElements::letRun() {
  if (!context_) return;
  const bool wanted = std::any_of(elements_.begin(), elements_.end(), [](const MediaElement* element) { return element->runsSharedContext(); });
  if (std::exchange(running_, wanted) == wanted) return;
  if (wanted) context_->resume();
  else context_->suspend();
}

void MediaElements::loseOutput() {
  const std::string why = std::exchange(lost_, "");
  for (MediaElement* element : elements_) element->loseOutput(why);
  context_.reset();
}

void MediaElements::retire(std::unique_ptr<MediaPump> pump) {
  if (!pump) return;
  pump->stop();
  retired_.push_back(std::move(pump));
}

}  // namespace backline::media
