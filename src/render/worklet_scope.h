#pragma once

#include <memory>
#include <thread>

#include "render/executor.h"
#include "render/notice_queue.h"
#include "render/worklet.h"

namespace backline::render {

/// One session's worklet runtime, made at its first module, and the way its events take: those raised on the compile thread go to the
/// sink at once, those raised inside a quantum through the notice queue.
class WorkletScope final : public WorkletEvents {
 public:
  /// `say` outlives the scope.
  WorkletScope(WorkletConfig config, WorkletRuntimeFactory factory, Executor& executor, NoticeQueue& notices, const NoticeSink& say);
  ~WorkletScope() override;

  /// Says ModuleEvaluated. [compile]
  void evaluate(std::uint32_t request, std::span<const ModuleSource> modules);
  /// Null, having said ProcessorFailed, if it cannot be made. [compile]
  std::unique_ptr<Processor> create(NodeId node, const ProcessorOptions& options);
  NoticeQueue& notices() { return notices_; }

  bool processorMessage(NodeId node, std::span<const std::byte> message) noexcept override;
  void processorError(NodeId node, const ScriptError& error) noexcept override;
  void processorRegistered(const std::string& name, const std::vector<ProcessorParam>& params) noexcept override;
  void console(const char* level, const std::string& text) noexcept override;

 private:
  bool onCompileThread() const noexcept { return compiling_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }
  void say(std::uint32_t target, Notice notice) noexcept;

  const WorkletConfig config_;
  const WorkletRuntimeFactory factory_;
  Executor& executor_;
  NoticeQueue& notices_;
  const NoticeSink& say_;
  std::atomic<std::thread::id> compiling_{};   // the thread inside evaluate or create
  std::unique_ptr<WorkletRuntime> runtime_;
};

}  // namespace backline::render
