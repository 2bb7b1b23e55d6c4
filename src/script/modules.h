#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "render/worklet.h"
#include "script/background_compile.h"
#include "script/compat.h"

namespace backline::script {

class Realm;

/// The module map of one realm: every URL is compiled and evaluated once, or once more each time that it is replaced.
class Modules {
 public:
  /// As WorkletRuntime::evaluate. Enters the realm, and leaves it while large modules are compiled and while
  /// it waits for V8's background threads.
  bool evaluate(Realm& realm, std::span<const render::ModuleSource> modules, bool replace, render::ScriptError& error);
  void clear();

  static void onImportMeta(v8::Local<v8::Context> context, v8::Local<v8::Module> module, v8::Local<v8::Object> meta);

 private:
  struct Loaded {
    v8::Global<v8::Module> module;
    std::vector<std::pair<std::string, std::string>> imports;
    std::size_t text = 0;   ///< hash of its source
  };
  enum class Wait { settled, failed, pending };
  /// The URLs of those that have to be compiled.
  std::set<std::string> wanted(std::span<const render::ModuleSource> modules, bool replace) const;
  bool run(Realm& realm, std::span<const render::ModuleSource> modules, const std::set<std::string>& fresh, render::ScriptError& error);
  /// Takes the modules of these URLs out of the map; `restore` brings them back in the place of others.
  void displace(v8::Isolate* isolate, const std::set<std::string>& urls);
  void restore(v8::Isolate* isolate, const std::set<std::string>& urls);
  bool compileAside(Realm& realm, std::span<const render::ModuleSource> modules, const std::set<std::string>& fresh);
  bool start(Realm& realm, std::span<const render::ModuleSource> modules, render::ScriptError& error);
  Wait poll(Realm& realm, const std::string& url, render::ScriptError& error);
  bool compile(Realm& realm, const render::ModuleSource& source, render::ScriptError& error);
  void add(v8::Isolate* isolate, const std::string& url, Loaded loaded);
  Loaded remove(v8::Isolate* isolate, const std::string& url);
  void forget(v8::Isolate* isolate, const std::vector<std::string>& urls);
  const std::string* urlOf(v8::Local<v8::Module> module) const;
  static v8::MaybeLocal<v8::Module> onResolve(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                              v8::Local<v8::FixedArray> attributes,
                                              v8::Local<v8::Module> referrer);

  std::unordered_map<std::string, Loaded> byUrl_;
  std::unordered_multimap<int, std::string> byHash_;   ///< V8's identity hash → URL
  std::vector<std::pair<std::string, Loaded>> displaced_;   ///< by the modules that are to replace them
  std::unordered_map<std::string, std::unique_ptr<BackgroundCompile>> aside_;   ///< by URL, between compileAside and compile
  v8::Global<v8::Promise> evaluation_;                 ///< of the module that `evaluate` waits for
};

}  // namespace backline::script
