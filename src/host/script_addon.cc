// script.node: what touches V8, built for one Node major. In the render host it is the process's main; in the program it makes
// runtimes for offline contexts, and writes and reads structured clones.

#include <node_api.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#include "host/render_host.h"
#include "script/addon_state.h"
#include "script/program_messages.h"
#include "script/program_pipes.h"
#include "transport/error.h"

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

/// What invites a render host to share this process's memory, for another add-on of the same build.
napi_value exportInvitation(napi_env env) {
  static const std::function<transport::SharedMemoryEnds()> invite = [] {
    SharedPool* pool = processPool();
    if (pool == nullptr) throw transport::TransportError("there is no memory for what SharedArrayBuffers lie in");
    return pool->invite();
  };
  napi_value external = nullptr;
  napi_create_external(env, const_cast<void*>(static_cast<const void*>(&invite)), nullptr, nullptr, &external);
  return external;
}

/// runHost(fd): serves the render host's socket on this thread until the program has gone; returns the exit status.
napi_value runHost(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument = nullptr;
  void* owner = nullptr;
  std::int32_t fd = -1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, &owner);
  if (count < 1 || napi_get_value_int32(env, argument, &fd) != napi_ok) {
    napi_throw_type_error(env, nullptr, "runHost: the socket's descriptor is expected");
    return nullptr;
  }
  try {
    const napi_node_version* version = nullptr;
    napi_get_node_version(env, &version);
    const std::string runtime =
        "node " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->patch);
    auto& ours = *static_cast<Owner*>(owner);
    const auto shareMemory = [&ours](transport::SharedMemoryEnds ends) { ours.setPool(SharedPool::accept(std::move(ends), ours.limits().bufferBytes)); };
    const int status = host::runRenderHost(transport::Fd(fd), ours.factory(false), {render::budgetsOfEnvironment({}), runtime, shareMemory, [&ours](transport::Fd socket) { ours.inspect(std::move(socket)); }});
    napi_value result = nullptr;
    napi_create_int32(env, status, &result);
    return result;
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
}

/// inspect(): lets debuggers look into the worklets that this process renders from now on; returns the descriptor of the socket to serve
/// them over.
napi_value inspect(napi_env env, napi_callback_info info) {
  void* owner = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &owner);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    napi_throw_error(env, nullptr, "inspect: no socket can be made");
    return nullptr;
  }
  transport::Fd theirs(ends[1]);
  try {
    static_cast<Owner*>(owner)->inspect(transport::Fd(ends[0]));
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
  napi_value result = nullptr;
  napi_create_int32(env, theirs.release(), &result);
  return result;
}

}  // namespace

}  // namespace backline::script

NAPI_MODULE_INIT() {
  using namespace backline::script;
  const auto context = v8::Isolate::GetCurrent()->GetCurrentContext();
  std::shared_ptr<Owner> owner;
  try {
    owner = attachOwner(context, limitsOfEnvironment());
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
  v8::Local<v8::Value> object;
  static_assert(sizeof object == sizeof exports);
  std::memcpy(static_cast<void*>(&object), &exports, sizeof object);
  exportMessages(context, object.As<v8::Object>(), owner->shared());
  exportPipes(env, exports);
  napi_set_named_property(env, exports, "runtimeFactory", exportFactory(env, owner));
  napi_set_named_property(env, exports, "sharedMemory", exportInvitation(env));
  napi_value function = nullptr;
  napi_create_function(env, "runHost", NAPI_AUTO_LENGTH, runHost, owner.get(), &function);
  napi_set_named_property(env, exports, "runHost", function);
  napi_create_function(env, "inspect", NAPI_AUTO_LENGTH, inspect, owner.get(), &function);
  napi_set_named_property(env, exports, "inspect", function);
  return exports;
}
