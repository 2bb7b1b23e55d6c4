#include "script/termination.h"

#include <cstdio>

#include "script/realm.h"
#include "script/script_error.h"

namespace backline::script {

namespace {

/// What a full heap grows by so that the call that filled it can be unwound.
constexpr std::size_t kSlackBytes = std::size_t{64} << 20;

std::string inSeconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", seconds);
  return text;
}

}  // namespace

void Termination::attach() {
  realm_.isolate()->AddNearHeapLimitCallback(onNearHeapLimit, this);
  const std::scoped_lock lock(mutex_);
  attached_ = true;
}

void Termination::detach() {
  const std::scoped_lock lock(mutex_);
  attached_ = false;
}

void Termination::terminate() noexcept {
  const std::scoped_lock lock(mutex_);
  if (attached_) realm_.isolate()->RequestInterrupt(onInterrupt, this);
}

void Termination::onInterrupt(v8::Isolate* isolate, void* self) {
  auto& termination = *static_cast<Termination*>(self);
  if (termination.realm_.closing() || !(termination.heapFull_ || termination.realm_.lane().condemned())) return;
  if (!termination.sentence_) {
    const v8::HandleScope handles(isolate);
    termination.sentence_ = termination.sentence();
    placeOfRunning(isolate, termination.sentence_->error);
  }
  isolate->TerminateExecution();
}

/// Called by V8 in the middle of a collection: nothing may be allocated. The interrupt finds the place; a script that comes to none before the
/// slack is used up is terminated without.
std::size_t Termination::onNearHeapLimit(void* self, std::size_t current, std::size_t initial) {
  auto& termination = *static_cast<Termination*>(self);
  v8::Isolate* isolate = termination.realm_.isolate();
  termination.heapLimit_ = initial;
  if (std::exchange(termination.heapFull_, true)) {
    isolate->TerminateExecution();
  } else {
    isolate->RequestInterrupt(onInterrupt, self);
  }
  return current + kSlackBytes;
}

Termination::Sentence Termination::sentence() const {
  Sentence sentence;
  const render::Whereabouts now = render::Lane::whereabouts(realm_.lane().now());
  if (now.phase == render::Phase::microtasks) {
    sentence.node = realm_.microtaskOwner(now.node);
  } else if (now.phase != render::Phase::module) {
    sentence.node = now.node;
  }
  const std::string what = render::nameOf(now.phase);
  sentence.heapFull = heapFull_;
  if (heapFull_) {
    sentence.error.name = "RangeError";
    sentence.error.message = what + " filled the worklet's heap of " + std::to_string(heapLimit_ >> 20) + " MB and was terminated";
  } else {
    sentence.error.name = "Error";
    sentence.error.message = what + " ran for more than " + inSeconds(realm_.config().budgets.of(now.phase)) + " of processor time and was terminated";
  }
  return sentence;
}

Termination::Sentence Termination::take() {
  v8::Isolate* isolate = realm_.isolate();
  isolate->CancelTerminateExecution();
  Sentence taken = sentence_ ? std::move(*sentence_) : sentence();
  if (heapFull_) {
    isolate->RemoveNearHeapLimitCallback(onNearHeapLimit, heapLimit_);
    isolate->AddNearHeapLimitCallback(onNearHeapLimit, this);
  }
  sentence_.reset();
  heapFull_ = false;
  if (realm_.closing()) isolate->TerminateExecution();
  return taken;
}

}  // namespace backline::script
