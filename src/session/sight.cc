#include "session/sight.h"

#include <errno.h>

#include "transport/error.h"

namespace backline::session {

namespace {

constexpr auto kInterval = 500 * kj::MILLISECONDS;
constexpr std::uint32_t kTurnsALine = 2;

}  // namespace

kj::Own<Sight::Watch> Sight::watch(kj::UnixEventPort& events, SessionView view) {
  auto watch = kj::heap<Watch>(*this, std::move(view));
  const bool first = views_.empty();
  views_.emplace(watch->view_.id, &watch->view_);
  if (first) {
    page_ = std::make_unique<StatusWriter>(programName_.empty() ? program_invocation_short_name : programName_);
    publish();
    telling_ = tell(events.getTimer()).eagerlyEvaluate([](kj::Exception&&) {});   // nothing in it fails but by its end
  }
  return watch;
}

void Sight::forget(std::uint64_t session) noexcept {
  views_.erase(session);
  perfLog_.forget(session);
  if (!views_.empty()) return;
  telling_ = nullptr;
  page_.reset();
}

kj::Promise<void> Sight::tell(kj::Timer& timer) {
  return timer.afterDelay(kInterval).then([this, &timer] {
    publish();
    if (logPerformance_ && ++turns_ % kTurnsALine == 0) log();
    return tell(timer);
  });
}

void Sight::publish() {
  std::vector<const SessionView*> views;
  for (const auto& [id, view] : views_) views.push_back(view);
  page_->publish(views, helpers_());
}

void Sight::log() {
  for (const auto& [id, view] : views_)
    if (const auto line = perfLog_.line(id, view->info, view->read())) writeLine(*line);
}

}  // namespace backline::session
