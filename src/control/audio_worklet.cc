#include "control/audio_worklet.h"

#include <utility>

namespace backline {

void AudioWorklet::addModule(std::vector<render::ModuleSource> modules, Completion done) {
  if (link_->isShut()) {
    if (done) done(DomException("InvalidStateError", "addModule: the context is closed"));
    return;
  }
  const std::uint32_t request = link_->newRequest();
  pending_[request] = std::move(done);
  link_->send(request, render::AddModule{std::move(modules)});
}

void AudioWorklet::registerNative(const std::string& name, std::vector<render::ProcessorParam> params,
                                  NativeProcessorFactory create) {
  if (!native_) {
    throw DomException("NotSupportedError", "registerNative: the context does not render native processors in this process");
  }
  if (processors_.contains(name)) {
    throw DomException("NotSupportedError", "registerNative: there is a processor named \"" + name + "\" already");
  }
  native_->add(name, params, std::move(create));
  processors_[name] = std::move(params);
  // Makes the session's runtime, and keeps the order that modules have.
  addModule({{NativeWorklets::urlOf(name), {}, {}}}, {});
}

const std::vector<render::ProcessorParam>* AudioWorklet::find(const std::string& name) const {
  auto found = processors_.find(name);
  return found == processors_.end() ? nullptr : &found->second;
}

void AudioWorklet::receive(render::NoticeRecord& notice) {
  if (auto* registered = std::get_if<render::ProcessorRegistered>(&notice.body)) {
    processors_[registered->name] = std::move(registered->params);
  } else if (auto* line = std::get_if<render::ConsoleLine>(&notice.body)) {
    if (onconsole) onconsole(line->level, line->text);
  } else if (auto* evaluated = std::get_if<render::ModuleEvaluated>(&notice.body)) {
    auto waiting = pending_.extract(notice.target);
    if (waiting.empty() || !waiting.mapped()) return;
    if (evaluated->succeeded) {
      waiting.mapped()({});
    } else {
      waiting.mapped()(Error(evaluated->error));
    }
  }
}

void AudioWorklet::fail(const Error& error) {
  for (auto& [request, done] : std::exchange(pending_, {})) {
    if (done) done(error);
  }
}

}  // namespace backline
