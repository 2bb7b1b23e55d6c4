#include "control/media_stream_source.h"

#include <utility>

#include "control/session_link.h"

namespace backline {

bool MediaSourceEnd::isReached() const {
  const std::lock_guard lock(mutex_);
  return reached_;
}

void MediaSourceEnd::reach() {
  std::map<const void*, std::function<void()>> wakes;
  {
    const std::lock_guard lock(mutex_);
    reached_ = true;
    wakes.swap(wakes_);
  }
  for (const auto& [who, wake] : wakes) wake();
}

void MediaSourceEnd::onReached(const void* who, std::function<void()> wake) {
  {
    const std::lock_guard lock(mutex_);
    if (!reached_) {
      wakes_.erase(who);
      if (wake) wakes_.emplace(who, std::move(wake));
      return;
    }
  }
  if (wake) wake();
}

bool MediaSource::keepsStepWith(const SessionLink& session) const {
  const std::string clock = info().clock;
  return !clock.empty() && clock == session.info().clock;
}

}  // namespace backline
