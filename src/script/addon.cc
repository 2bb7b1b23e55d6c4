// script.node: all V8 code of the house, built for one Node major. Loaded where JavaScript renders.

#include <node_api.h>

#include <cstring>

#include "script/addon_state.h"
#include "script/program_messages.h"

namespace backline::script {

namespace {

/// A render::WorkletRuntimeFactory for sessions rendered in this process, for another add-on of the same build.
napi_value exportFactory(napi_env env, std::shared_ptr<Owner> owner) {
  auto* factory = new render::WorkletRuntimeFactory(owner->factory(true));
  const auto finalize = [](napi_env, void* owned, void*) {
    delete static_cast<render::WorkletRuntimeFactory*>(owned);
  };
  napi_value external = nullptr;
  napi_create_external(env, factory, finalize, nullptr, &external);
  return external;
}

}  // namespace

}  // namespace backline::script

NAPI_MODULE_INIT() {
  using namespace backline::script;
  const auto context = v8::Isolate::GetCurrent()->GetCurrentContext();
  const auto owner = attachOwner(context);
  v8::Local<v8::Value> object;
  static_assert(sizeof object == sizeof exports);
  std::memcpy(static_cast<void*>(&object), &exports, sizeof object);
  exportMessages(context, object.As<v8::Object>(), owner->shared());
  napi_set_named_property(env, exports, "runtimeFactory", exportFactory(env, owner));
  return exports;
}
