#include "render/worklet_scope.h"

namespace backline::render {

WorkletScope::WorkletScope(WorkletConfig config, WorkletRuntimeFactory factory, Executor& executor, NoticeQueue& notices,
                           const NoticeSink& say)
    : config_{config.sampleRate, config.quantum, this}, factory_(std::move(factory)), executor_(executor), notices_(notices), say_(say) {}

WorkletScope::~WorkletScope() { executor_.setWorklets(nullptr); }

void WorkletScope::evaluate(std::uint32_t request, std::span<const ModuleSource> modules) {
  compiling_ = std::this_thread::get_id();
  ModuleEvaluated answer;
  if (!factory_) {
    answer.error = {"NotSupportedError", "This render host runs no JavaScript: its modules must be native", modules[0].url};
  } else {
    if (!runtime_) {
      runtime_ = factory_(config_);
      executor_.setWorklets(runtime_.get());
    }
    answer.succeeded = runtime_->evaluate(modules, answer.error);
  }
  compiling_ = std::thread::id();
  say_(request, std::move(answer));
}

std::unique_ptr<Processor> WorkletScope::create(NodeId node, const ProcessorOptions& options) {
  ScriptError error{"InvalidStateError", "No module has registered a processor named '" + options.name + "'"};
  compiling_ = std::this_thread::get_id();
  std::unique_ptr<Processor> processor = runtime_ ? runtime_->create(node, options, error) : nullptr;
  compiling_ = std::thread::id();
  if (!processor) {
    say_(node, ProcessorFailed{error});
    say_(node, ProcessorEnded{});
  }
  return processor;
}

bool WorkletScope::processorMessage(NodeId node, std::span<const std::byte> message) noexcept {
  if (!onCompileThread()) return notices_.message(node, message);
  say_(node, ProcessorMessage{Message(message.begin(), message.end())});
  return true;
}

void WorkletScope::processorError(NodeId node, const ScriptError& error) noexcept { say(node, ProcessorFailed{error}); }

void WorkletScope::processorRegistered(const std::string& name, const std::vector<ProcessorParam>& params) noexcept {
  say(0, ProcessorRegistered{name, params});
}

void WorkletScope::console(const char* level, const std::string& text) noexcept { say(0, ConsoleLine{level, text}); }

void WorkletScope::say(std::uint32_t target, Notice notice) noexcept {
  if (onCompileThread()) {
    say_(target, std::move(notice));
  } else {
    notices_.heap(target, std::make_unique<Notice>(std::move(notice)));
  }
}

}  // namespace backline::render
