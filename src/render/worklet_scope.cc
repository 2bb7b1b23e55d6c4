#include "render/worklet_scope.h"

namespace backline::render {

namespace {
constexpr std::size_t kFailuresKept = 1000;
constexpr std::size_t kFailureBytes = 1024;
}  // namespace

WorkletScope::WorkletScope(WorkletConfig config, WorkletHost host, Executor& executor, NoticeQueue& notices, const NoticeSink& say,
                           std::function<void()> drain)
    : config_{config.sampleRate, config.quantum, this, host.watchdog != nullptr ? host.watchdog->budgets() : CallBudgets{}, config.blackBox != nullptr ? config.blackBox : &ownBox_, executor.firstFrame()},
      host_(std::move(host)),
      executor_(executor),
      notices_(notices),
      say_(say),
      drain_(std::move(drain)) {}

WorkletScope::~WorkletScope() { executor_.setWorklets(nullptr); }

void WorkletScope::evaluate(std::uint32_t request, const AddModule& command) {
  compiling_ = std::this_thread::get_id();
  request_ = request;
  ModuleEvaluated answer;
  if (!host_.factory) {
    answer.error = {"NotSupportedError", "This render host runs no JavaScript: its modules must be native", command.modules[0].url};
  } else {
    if (!runtime_) {
      runtime_ = host_.factory(config_);
      if (host_.watchdog != nullptr) watch_.emplace(*host_.watchdog, blackBox(), runtime_->terminable());
      executor_.setWorklets(runtime_.get());
    }
    const Lane::Stretch stretch(blackBox().compile, request, Phase::module);
    answer.succeeded = runtime_->evaluate(command.modules, command.replace != 0, answer.error);
    for (const Message& message : std::exchange(waiting_, {})) runtime_->receive(message);
  }
  request_ = 0;
  {
    const std::scoped_lock lock(failuresMutex_);
    answer.failures.swap(failures_);
  }
  say(request, std::move(answer));
  compiling_ = std::thread::id();
}

std::unique_ptr<Processor> WorkletScope::create(NodeId node, const CreateWorkletNode& command) {
  ScriptError error{"InvalidStateError", "No module has registered a processor named '" + command.processor.name + "'"};
  compiling_ = std::this_thread::get_id();
  std::unique_ptr<Processor> processor;
  if (runtime_) {
    const Lane::Stretch stretch(blackBox().compile, node, Phase::constructor);
    processor = runtime_->create(node, command.processor, command.params, error);
  }
  compiling_ = std::thread::id();
  if (!processor) {
    drain_();
    say_(node, ProcessorFailed{error});
    say_(node, ProcessorEnded{});
  }
  return processor;
}

void WorkletScope::receive(const Message& message) {
  if (runtime_) runtime_->receive(message);
  else if (host_.factory) waiting_.push_back(message);
}

bool WorkletScope::processorMessage(NodeId node, std::span<const std::byte> message) noexcept {
  if (!onCompileThread()) return notices_.message(node, message);
  drain_();
  say_(node, ProcessorMessage{Message(message.begin(), message.end())});
  return true;
}

void WorkletScope::processorError(NodeId node, const ScriptError& error) noexcept { say(node, ProcessorFailed{error}); }

void WorkletScope::processorRegistered(const std::string& name, const std::vector<ProcessorParam>& params) noexcept {
  say(request_, ProcessorRegistered{name, params, ++generations_[name]});
}

void WorkletScope::registrationFailed(const FailedRegistration& failure) noexcept {
  const std::scoped_lock lock(failuresMutex_);
  if (failures_.size() == kFailuresKept || failure.name.size() > kFailureBytes) return;
  failures_.push_back({failure.name, failure.reason.substr(0, kFailureBytes)});
}

void WorkletScope::console(const char* level, const std::string& text, const std::string& place) noexcept {
  const auto now = std::chrono::steady_clock::now();
  if (now >= console_.end) {
    const std::size_t leftOut = std::exchange(console_, {now + std::chrono::seconds(1)}).leftOut;
    if (leftOut > 0) say(0, ConsoleLine{"warn", std::to_string(leftOut) + " console lines were left out"});
  }
  if (console_.leftOut > 0 || console_.lines == kLines || console_.bytes + text.size() + place.size() > kBytes) {
    if (console_.leftOut++ == 0) say(0, ConsoleLine{"warn", "There is too much for the console: the rest of this second is left out"});
    return;
  }
  ++console_.lines;
  console_.bytes += text.size() + place.size();
  say(0, ConsoleLine{level, text, place});
}

void WorkletScope::wake() noexcept {
  if (host_.wake) host_.wake();
}

void WorkletScope::say(std::uint32_t target, Notice notice) noexcept {
  if (onCompileThread()) {
    drain_();
    say_(target, std::move(notice));
  } else {
    notices_.heap(target, std::make_unique<Notice>(std::move(notice)));
  }
}

}  // namespace backline::render
