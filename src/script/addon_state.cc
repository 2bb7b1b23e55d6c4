#include "script/addon_state.h"

namespace backline::script {

std::shared_ptr<Owner> attachOwner(v8::Local<v8::Context> context, const Limits& limits) {
  node::Environment* environment = node::GetCurrentEnvironment(context);
  auto owner = std::make_shared<Owner>(*node::GetMultiIsolatePlatform(environment), limits);
  // process.exit() skips the clean-up hooks but not AtExit; an ending worker runs both, the hooks first.
  const auto hold = [&] { return new std::shared_ptr<Owner>(owner); };
  const auto end = [](void* held) {
    const std::unique_ptr<std::shared_ptr<Owner>> owned(static_cast<std::shared_ptr<Owner>*>(held));
    (*owned)->close();
  };
  node::AtExit(environment, end, hold());
  node::AddEnvironmentCleanupHook(context->GetIsolate(), end, hold());
  return owner;
}

SharedPool* processPool() noexcept {
  static const std::shared_ptr<SharedPool> pool = [] {
    try {
      return SharedPool::create(transport::SharedHeap::create());
    } catch (const std::exception&) {
      return std::shared_ptr<SharedPool>();
    }
  }();
  return pool.get();
}

}  // namespace backline::script
