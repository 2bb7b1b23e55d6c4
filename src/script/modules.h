#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "render/worklet.h"
#include "script/background_compile.h"
#include "script/compat.h"

namespace backline::script {

class Realm;

/// The module map of one realm: every URL is compiled and evaluated once.
class Modules {
 public:
  /// As WorkletRuntime::evaluate. Enters the realm, and leaves it while large modules are compiled and while
  /// it waits for V8's background threads.
  bool evaluate(Realm& realm, std::span<const render::ModuleSource> modules, render::ScriptError& error);
  void clear();

  static void onImportMeta(v8::Local<v8::Context> context, v8::Local<v8::Module> module, v8::Local<v8::Object> meta);

 private:
  struct Loaded {
    v8::Global<v8::Module> module;
    std::vector<std::pair<std::string, std::string>> imports;
  };
  enum class Wait { settled, failed, pending };
  bool compileAside(Realm& realm, std::span<const render::ModuleSource> modules);
  bool start(Realm& realm, std::span<const render::ModuleSource> modules, render::ScriptError& error);
  Wait poll(Realm& realm, const std::string& url, render::ScriptError& error);
  bool compile(Realm& realm, const render::ModuleSource& source, render::ScriptError& error);
  void forget(v8::Isolate* isolate, const std::vector<std::string>& urls);
  const std::string* urlOf(v8::Local<v8::Module> module) const;
  static v8::MaybeLocal<v8::Module> onResolve(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                              v8::Local<v8::FixedArray> attributes,
                                              v8::Local<v8::Module> referrer);

  std::unordered_map<std::string, Loaded> byUrl_;
  std::unordered_multimap<int, std::string> byHash_;   ///< V8's identity hash → URL
  std::unordered_map<std::string, std::unique_ptr<BackgroundCompile>> aside_;   ///< by URL, between compileAside and compile
  v8::Global<v8::Promise> evaluation_;                 ///< of the module that `evaluate` waits for
};

}  // namespace backline::script
