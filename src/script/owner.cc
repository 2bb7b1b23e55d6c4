#include "script/owner.h"

#include <stdexcept>

#include "script/addon_state.h"
#include "script/inspector.h"
#include "script/runtime.h"

namespace backline::script {

render::WorkletRuntimeFactory Owner::factory(bool sameProcess) {
  return [self = shared_from_this(), sameProcess](const render::WorkletConfig& config) {
    return makeRuntime(self->open(config, sameProcess));
  };
}

void Owner::setPool(std::shared_ptr<SharedPool> pool) {
  const std::scoped_lock lock(mutex_);
  pool_ = std::move(pool);
}

void Owner::inspect(transport::Fd socket) {
  if (!v8_inspector::isKnown()) throw std::runtime_error("worklets cannot be inspected: this Node lays out V8's inspector in a way that Backline does not know");
  const std::scoped_lock lock(mutex_);
  hub_ = std::make_shared<InspectorHub>(std::move(socket));
}

std::shared_ptr<Realm> Owner::open(const render::WorkletConfig& config, bool sameProcess) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return nullptr;
  SharedPool* const ours = sameProcess ? processPool() : pool_.get();
  auto realm = std::make_shared<Realm>(platform_, limits_, config, sameProcess ? shared_ : nullptr, ours != nullptr ? ours->shared_from_this() : nullptr, hub_);
  std::erase_if(realms_, [](const auto& known) { return known.expired(); });
  realms_.push_back(realm);
  return realm;
}

void Owner::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  for (const auto& known : realms_) {
    if (const auto realm = known.lock()) realm->close();
  }
  realms_.clear();
}

}  // namespace backline::script
