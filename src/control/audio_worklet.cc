#include "control/audio_worklet.h"

#include <utility>

namespace backline {

namespace {

constexpr std::size_t kNamesShown = 10;
constexpr std::size_t kFailuresKept = 1000;

}  // namespace

void AudioWorklet::addModule(std::vector<render::ModuleSource> modules, bool replace, Completion done) {
  if (link_->isShut()) {
    if (done) done(DomException("InvalidStateError", "addModule: the context is closed"));
    return;
  }
  const std::uint32_t request = link_->newRequest();
  pending_[request] = std::move(done);
  used_ = true;
  link_->send(request, render::AddModule{std::move(modules), replace ? 1u : 0u});
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
  processors_[name] = {std::move(params)};
  // Makes the session's runtime, and keeps the order that modules have.
  addModule({{NativeWorklets::urlOf(name), {}, {}}}, false, {});
}

void AudioWorklet::postMessage(render::Message message) {
  if (!link_->isShut()) link_->send(0, render::PortMessage{std::move(message)});
}

const AudioWorklet::Registration* AudioWorklet::find(const std::string& name) const {
  auto found = processors_.find(name);
  return found == processors_.end() ? nullptr : &found->second;
}

std::string AudioWorklet::explain(const std::string& name) const {
  if (const auto failed = failures_.find(name); failed != failures_.end()) return "its registration failed with " + failed->second;
  if (processors_.empty()) return "no processor is registered at all";
  std::string text = "registered: ";
  std::size_t shown = 0;
  for (const auto& [known, registration] : processors_) {
    if (shown == kNamesShown) return text + " and " + std::to_string(processors_.size() - shown) + " more";
    text += (shown++ > 0 ? ", \"" : "\"") + known + "\"";
  }
  return text;
}

void AudioWorklet::receive(render::NoticeRecord& notice) {
  if (auto* registered = std::get_if<render::ProcessorRegistered>(&notice.body)) {
    failures_.erase(registered->name);
    Registration& known = processors_[registered->name];
    if (registered->generation >= known.generation) known = {std::move(registered->params), registered->generation};
  } else if (auto* message = std::get_if<render::ProcessorMessage>(&notice.body)) {
    if (onmessage) onmessage(message->message);
  } else if (auto* line = std::get_if<render::ConsoleLine>(&notice.body)) {
    if (onconsole) onconsole(line->level, line->text, line->place);
  } else if (auto* evaluated = std::get_if<render::ModuleEvaluated>(&notice.body)) {
    for (render::FailedRegistration& failure : evaluated->failures) {
      if (failures_.size() < kFailuresKept && !processors_.contains(failure.name)) failures_[failure.name] = std::move(failure.reason);
    }
    auto waiting = pending_.extract(notice.target);
    if (waiting.empty() || !waiting.mapped()) return;
    if (evaluated->succeeded) {
      waiting.mapped()({});
    } else {
      waiting.mapped()(Error(evaluated->error));
    }
  }
}

void AudioWorklet::restart() {
  for (auto& [name, registration] : processors_) registration.generation = 0;
}

void AudioWorklet::fail(const Error& error) {
  for (auto& [request, done] : std::exchange(pending_, {})) {
    if (done) done(error);
  }
}

}  // namespace backline
