#include "script/modules.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "script/realm.h"
#include "script/script_error.h"
#include "script/seat.h"

namespace backline::script {

namespace {

constexpr std::size_t kLongestSource = v8::String::kMaxLength;
constexpr auto kPoll = std::chrono::milliseconds(1);

render::ScriptError closedError() {
  render::ScriptError error;
  error.name = "InvalidStateError";
  error.message = "The AudioWorkletGlobalScope is closed";
  return error;
}

}  // namespace

std::set<std::string> Modules::wanted(std::span<const render::ModuleSource> modules, bool replace) const {
  std::set<std::string> urls;
  for (const render::ModuleSource& source : modules) {
    const auto known = byUrl_.find(source.url);
    if (known == byUrl_.end() || (replace && (&source == &modules.front() || known->second.text != std::hash<std::string>()(source.source)))) urls.insert(source.url);
  }
  if (!replace) return urls;
  // What imports one of them has to be bound to it.
  for (bool more = true; more;) {
    more = false;
    for (const auto& [url, source, imports] : modules) {
      const bool affected = std::any_of(imports.begin(), imports.end(), [&](const auto& import) { return urls.contains(import.second); });
      if (affected && urls.insert(url).second) more = true;
    }
  }
  return urls;
}

bool Modules::evaluate(Realm& realm, std::span<const render::ModuleSource> modules, bool replace, render::ScriptError& error) {
  if (modules.empty()) {
    error.name = "TypeError";
    error.message = "There is no module to evaluate";
    return false;
  }
  std::set<std::string> fresh;
  {
    const Entry entry(realm);
    if (entry) fresh = wanted(modules, replace);
    if (entry && replace) {
      displace(realm.isolate(), fresh);
      realm.stage();
    }
  }
  const bool evaluated = run(realm, modules, fresh, error);
  if (!replace) return evaluated;
  const Entry entry(realm);
  if (!entry) return evaluated;
  const bool replaced = evaluated && seatSuccessors(realm, error);
  if (!replaced) {
    realm.settle(false);
    restore(realm.isolate(), fresh);
  }
  displaced_.clear();
  return replaced;
}

bool Modules::run(Realm& realm, std::span<const render::ModuleSource> modules, const std::set<std::string>& fresh, render::ScriptError& error) {
  if (!compileAside(realm, modules, fresh)) {
    error = closedError();
    return false;
  }
  for (bool started = false;; started = true) {
    {
      const Entry entry(realm);
      if (!entry) {
        error = closedError();
        return false;
      }
      if (!started) {
        const bool going = start(realm, modules, error);
        aside_.clear();
        if (!going) return false;
      }
      const Wait wait = poll(realm, modules.front().url, error);
      if (wait != Wait::pending) {
        evaluation_.Reset();
        return wait == Wait::settled;
      }
    }
    std::this_thread::sleep_for(kPoll);   // outside the realm: rendering goes on meanwhile
  }
}

/// False if the realm is closed.
bool Modules::compileAside(Realm& realm, std::span<const render::ModuleSource> modules, const std::set<std::string>& fresh) {
  {
    const Entry entry(realm);
    if (!entry) return false;
    for (const auto& [url, source, imports] : modules) {
      if (source.size() < BackgroundCompile::kWorthwhileBytes || source.size() > kLongestSource || !fresh.contains(url)) continue;
      aside_.try_emplace(url, std::make_unique<BackgroundCompile>(realm.isolate(), source));
    }
    if (aside_.empty()) return true;
  }
  const std::scoped_lock open(realm.aside());
  if (realm.closing()) return false;
  std::thread([this] {
    for (auto& [url, module] : aside_) module->run();
  }).join();
  return true;
}

void Modules::displace(v8::Isolate* isolate, const std::set<std::string>& urls) {
  for (const std::string& url : urls) {
    if (byUrl_.contains(url)) displaced_.emplace_back(url, remove(isolate, url));
  }
}

void Modules::restore(v8::Isolate* isolate, const std::set<std::string>& urls) {
  for (const std::string& url : urls) {
    if (byUrl_.contains(url)) remove(isolate, url);
  }
  for (auto& [url, loaded] : displaced_) add(isolate, url, std::move(loaded));
}

Modules::Wait Modules::poll(Realm& realm, const std::string& url, render::ScriptError& error) {
  realm.checkpoint();
  if (realm.termination().passed()) {
    error = realm.termination().take().error;
    if (error.url.empty()) error.url = url;
    return Wait::failed;
  }
  const bool ran = realm.runTasks();
  const auto promise = evaluation_.Get(realm.isolate());
  if (promise->State() == v8::Promise::kFulfilled) return Wait::settled;
  if (promise->State() == v8::Promise::kRejected) {
    error = describe(realm.context(), promise->Result(), {});
    return Wait::failed;
  }
  if (ran || realm.waitsForTasks()) return Wait::pending;
  error.name = "Error";
  error.message = "The module awaits something that cannot happen any more at its top level";
  error.url = url;
  return Wait::failed;
}

bool Modules::start(Realm& realm, std::span<const render::ModuleSource> modules, render::ScriptError& error) {
  v8::Isolate* isolate = realm.isolate();
  const auto context = realm.context();
  const v8::TryCatch caught(isolate);
  std::vector<std::string> added;
  for (const auto& source : modules) {
    if (byUrl_.contains(source.url)) continue;
    if (!compile(realm, source, error)) {
      forget(isolate, added);
      return false;
    }
    added.push_back(source.url);
  }
  const auto module = byUrl_.at(modules.front().url).module.Get(isolate);
  if (module->GetStatus() == v8::Module::kErrored) {
    error = describe(context, module->GetException(), {});
    return false;
  }
  if (module->GetStatus() == v8::Module::kUninstantiated &&
      !module->InstantiateModule(context, onResolve).FromMaybe(false)) {
    error = describe(context, caught);
    if (error.url.empty()) error.url = modules.front().url;
    forget(isolate, added);
    return false;
  }
  realm.runFor(0);
  v8::Local<v8::Value> promise;
  const bool evaluated = module->Evaluate(context).ToLocal(&promise);
  if (realm.termination().passed()) {
    error = realm.termination().take().error;
    if (error.url.empty()) error.url = modules.front().url;
    forget(isolate, added);
    return false;
  }
  if (!evaluated) {
    error = describe(context, caught);
    return false;
  }
  promise.As<v8::Promise>()->MarkAsHandled();
  realm.rejections().forget(promise.As<v8::Promise>());
  evaluation_.Reset(isolate, promise.As<v8::Promise>());
  return true;
}

bool Modules::compile(Realm& realm, const render::ModuleSource& source, render::ScriptError& error) {
  v8::Isolate* isolate = realm.isolate();
  const v8::TryCatch caught(isolate);
  if (source.source.size() > kLongestSource) {
    error.name = "RangeError";
    error.message = "The module is longer than JavaScript allows: " + std::to_string(source.source.size()) + " bytes";
    error.url = source.url;
    return false;
  }
  v8::ScriptOrigin origin = compat::moduleOrigin(isolate, toV8(isolate, source.url));
  v8::MaybeLocal<v8::Module> compiled;
  if (const auto aside = aside_.find(source.url); aside != aside_.end()) {
    compiled = aside->second->finish(realm.context(), origin);
  } else {
    v8::ScriptCompiler::Source code(toV8(isolate, source.source), origin);
    compiled = v8::ScriptCompiler::CompileModule(isolate, &code);
  }
  v8::Local<v8::Module> module;
  if (!compiled.ToLocal(&module)) {
    error = describe(realm.context(), caught);
    if (error.url.empty()) error.url = source.url;
    return false;
  }
  add(isolate, source.url, Loaded{v8::Global<v8::Module>(isolate, module), source.imports, std::hash<std::string>()(source.source)});
  return true;
}

void Modules::add(v8::Isolate* isolate, const std::string& url, Loaded loaded) {
  byHash_.emplace(loaded.module.Get(isolate)->GetIdentityHash(), url);
  byUrl_.insert_or_assign(url, std::move(loaded));
}

Modules::Loaded Modules::remove(v8::Isolate* isolate, const std::string& url) {
  const auto found = byUrl_.find(url);
  const auto [first, last] = byHash_.equal_range(found->second.module.Get(isolate)->GetIdentityHash());
  for (auto entry = first; entry != last; ++entry) {
    if (entry->second != url) continue;
    byHash_.erase(entry);
    break;
  }
  Loaded removed = std::move(found->second);
  byUrl_.erase(found);
  return removed;
}

void Modules::forget(v8::Isolate* isolate, const std::vector<std::string>& urls) {
  for (const auto& url : urls) remove(isolate, url);
}

void Modules::clear() {
  aside_.clear();
  byUrl_.clear();
  byHash_.clear();
  displaced_.clear();
  evaluation_.Reset();
}

const std::string* Modules::urlOf(v8::Local<v8::Module> module) const {
  const auto [first, last] = byHash_.equal_range(module->GetIdentityHash());
  for (auto entry = first; entry != last; ++entry) {
    const auto found = byUrl_.find(entry->second);
    if (found != byUrl_.end() && found->second.module == module) return &entry->second;
  }
  return nullptr;
}

v8::MaybeLocal<v8::Module> Modules::onResolve(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                              v8::Local<v8::FixedArray> attributes,
                                              v8::Local<v8::Module> referrer) {
  v8::Isolate* isolate = context->GetIsolate();
  const Modules& modules = Realm::from(context).modules();
  const std::string wanted = toUtf8(isolate, specifier);
  const std::string* from = modules.urlOf(referrer);
  const auto refuse = [&](const std::string& why) {
    const std::string text = "Cannot import '" + wanted + "' from " + (from ? *from : "a module") + ": " + why;
    isolate->ThrowException(v8::Exception::TypeError(toV8(isolate, text)));
    return v8::MaybeLocal<v8::Module>();
  };
  if (attributes->Length() > 0) return refuse("import attributes are not supported in a worklet");
  if (!from) return refuse("the importing module is unknown");
  for (const auto& [name, url] : modules.byUrl_.at(*from).imports) {
    if (name != wanted) continue;
    const auto found = modules.byUrl_.find(url);
    if (found == modules.byUrl_.end()) return refuse(url + " was not loaded");
    return found->second.module.Get(isolate);
  }
  return refuse("the specifier was not resolved");
}

void Modules::onImportMeta(v8::Local<v8::Context> context, v8::Local<v8::Module> module,
                           v8::Local<v8::Object> meta) {
  v8::Isolate* isolate = context->GetIsolate();
  const std::string* url = Realm::from(context).modules().urlOf(module);
  if (url) meta->CreateDataProperty(context, toV8(isolate, "url"), toV8(isolate, *url)).Check();
}

}  // namespace backline::script
