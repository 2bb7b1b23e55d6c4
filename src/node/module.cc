#include <napi.h>

#include "node/capture_recording.h"
#include "node/class_table.h"
#include "node/decode.h"
#include "node/devices.h"
#include "node/media_recording.h"
#include "node/programs.h"
#include "node/recorder.h"
#include "node/repair.h"
#include "node/sound_writer.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

template <Napi::Value (*function)(const Info&)>
napi_value plain(napi_env env, napi_callback_info raw) {
  return guarded(env, [&]() -> napi_value { return function(Info(env, raw)); });
}

Napi::Value initialize(const Info& info) {
  auto& environment = Environment::of(info.Env());
  environment.initialize(info[0].As<Napi::Object>());
  // process.exit() runs no clean-up hook: threads that are left then meet a process half gone.
  auto process = info.Env().Global().Get("process").As<Napi::Object>();
  auto end = Napi::Function::New(info.Env(), [](const Info& call) { Environment::of(call.Env()).end(); });
  process.Get("on").As<Napi::Function>().Call(process, {Napi::String::New(info.Env(), "exit"), end});
  return info.Env().Undefined();
}

Napi::Value setWorkletRuntimeFactory(const Info& info) {
  auto& environment = Environment::of(info.Env());
  *environment.worklets = *info[0].As<Napi::External<render::WorkletRuntimeFactory>>().Data();
  return info.Env().Undefined();
}

Napi::Value status(const Info& info) {
  auto& environment = Environment::of(info.Env());
  const auto helpers = environment.hasEngine() ? environment.engine().helpers() : session::Engine::Helpers{};
  auto result = Napi::Object::New(info.Env());
  result.Set("audioPid", helpers.audioPid);
  result.Set("renderPid", helpers.renderPid);
  result.Set("renderPriority", helpers.renderPriority);
  return result;
}

Napi::Value finishTap(const Info& info) {
  auto& environment = Environment::of(info.Env());
  const Napi::Promise::Deferred deferred(info.Env());
  try {
    const auto [frames, dropped] =
        environment.hasEngine() ? environment.engine().finishTap() : std::pair<std::uint64_t, std::uint64_t>{};
    auto result = Napi::Object::New(info.Env());
    result.Set("frames", static_cast<double>(frames));
    result.Set("dropped", static_cast<double>(dropped));
    deferred.Resolve(result);
  } catch (const std::exception& error) {
    deferred.Reject(Napi::Error::New(info.Env(), error.what()).Value());
  }
  return deferred.Promise();
}

void define(Napi::Env env, Napi::Object exports, const ClassTable& table) {
  std::vector<Napi::ClassPropertyDescriptor<Impl>> members(table.members.begin(), table.members.end());
  // The constructor's data outlives every object of the environment.
  auto* kept = new ClassTable(table);
  env.AddCleanupHook([](ClassTable* old) { delete old; }, kept);
  auto constructor = Impl::DefineClass(env, table.name, members, kept);
  Environment::of(env).constructors.Set(table.name, constructor);
  exports.Set(table.name, constructor);
}

Napi::Object load(Napi::Env env, Napi::Object exports) {
  auto environment = std::make_shared<Environment>(env);
  env.SetInstanceData(new std::shared_ptr<Environment>(environment));
  env.AddCleanupHook([](std::shared_ptr<Environment>* held) {
    (*held)->end();
    delete held;
  }, new std::shared_ptr<Environment>(environment));

  for (const auto& tables : {nodeClasses(), sourceClasses(), mediaStreamClasses(), mediaElementClasses(), analysisClasses(), effectClasses(), routingClasses(), filterClasses(), spatialClasses()}) {
    for (const ClassTable& table : tables) define(env, exports, table);
  }
  for (const ClassTable& table : {audioParamClass(), audioBufferClass(), periodicWaveClass(), audioContextClass(), audioPlaybackStatsClass(),
                                  offlineAudioContextClass(), audioWorkletNodeClass()}) {
    define(env, exports, table);
  }
  exports.Set("SoundWriter", soundWriterClass(env));
  exports.Set("CaptureRecording", captureRecordingClass(env));
  exports.Set("Recorder", recorderClass(env));
  exports.Set("MediaRecording", mediaRecordingClass(env));
  const std::vector<napi_property_descriptor> functions = {
      {"initialize", nullptr, &plain<&initialize>, nullptr, nullptr, nullptr, napi_default_method, nullptr},
      {"setWorkletRuntimeFactory", nullptr, &plain<&setWorkletRuntimeFactory>, nullptr, nullptr, nullptr, napi_default_method, nullptr},
      {"devices", nullptr, &plain<&devices>, nullptr, nullptr, nullptr, napi_default_method, nullptr},
      {"watchDevices", nullptr, &plain<&watchDevices>, nullptr, nullptr, nullptr, napi_default_method, nullptr},
      {"status", nullptr, &plain<&status>, nullptr, nullptr, nullptr, napi_default_method, nullptr},
      {"programs", nullptr, &plain<&programs>, nullptr, nullptr, nullptr, napi_default_method, nullptr},
      {"finishTap", nullptr, &plain<&finishTap>, nullptr, nullptr, nullptr, napi_default_method, nullptr},
      {"canPlayType", nullptr, &plain<&canPlayType>, nullptr, nullptr, nullptr, napi_default_method, nullptr},
      {"repairSoundFile", nullptr, &plain<&repairSoundFile>, nullptr, nullptr, nullptr, napi_default_method, nullptr},
      {"openCapture", nullptr, &plain<&openCapture>, nullptr, nullptr, nullptr, napi_default_method, nullptr},
      {"decodeAudioData", nullptr, &plain<&decodeAudioData>, nullptr, nullptr, nullptr, napi_default_method, nullptr},
  };
  napi_define_properties(env, exports, functions.size(), functions.data());
  return exports;
}

}  // namespace

}  // namespace backline::node

// At namespace scope, as the macro wants it.
static Napi::Object loadBackline(Napi::Env env, Napi::Object exports) { return backline::node::load(env, exports); }
NODE_API_MODULE(backline, loadBackline)
