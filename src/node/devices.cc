#include "node/devices.h"

#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

Napi::Object listObject(Napi::Env env, const session::Engine::DeviceList& list) {
  auto devices = Napi::Array::New(env);
  for (const auto& device : list.devices) {
    auto object = Napi::Object::New(env);
    object.Set("id", device.id);
    object.Set("name", device.name);
    object.Set("backend", device.backend);
    object.Set("maxChannels", device.maxChannels);
    object.Set("sampleRate", device.sampleRate);
    object.Set("isDefault", device.isDefault);
    object.Set("input", device.input);
    object.Set("clock", device.clock);
    devices.Set(devices.Length(), object);
  }
  auto backends = Napi::Array::New(env);
  for (const auto& backend : list.backends) {
    auto object = Napi::Object::New(env);
    object.Set("name", backend.name);
    object.Set("available", backend.available);
    object.Set("detail", backend.detail);
    backends.Set(backends.Length(), object);
  }
  auto result = Napi::Object::New(env);
  result.Set("devices", devices);
  result.Set("backends", backends);
  return result;
}

}  // namespace

Napi::Value devices(const Info& info) {
  Environment& environment = Environment::of(info.Env());
  const Napi::Promise::Deferred deferred(info.Env());
  // The promise keeps the program.
  environment.loop->hold();
  environment.engine().listDevices([loop = environment.loop, deferred](session::Engine::DeviceList list, std::string error) {
    loop->post([loop, deferred, list = std::move(list), error = std::move(error)] {
      loop->release();
      const Napi::HandleScope scope(deferred.Env());
      if (error.empty()) {
        deferred.Resolve(listObject(deferred.Env(), list));
      } else {
        deferred.Reject(Napi::Error::New(deferred.Env(), error).Value());
      }
    });
  });
  return deferred.Promise();
}

Napi::Value watchDevices(const Info& info) {
  Environment& environment = Environment::of(info.Env());
  if (!info[0].ToBoolean()) {
    if (environment.hasEngine()) environment.engine().onDevicesChanged(nullptr);
    return info.Env().Undefined();
  }
  environment.engine().onDevicesChanged([loop = environment.loop, weak = environment.weak_from_this()] {
    loop->post([weak] {
      if (const auto alive = weak.lock()) alive->sayDevicesChanged();
    });
  });
  return info.Env().Undefined();
}

}  // namespace backline::node
