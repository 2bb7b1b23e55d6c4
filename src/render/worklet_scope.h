#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

#include "render/executor.h"
#include "render/notice_queue.h"
#include "render/watchdog.h"
#include "render/worklet.h"

namespace backline::render {

struct WorkletHost {
  WorkletRuntimeFactory factory;   ///< empty: no JavaScript runs here
  std::function<void()> wake;      ///< [any thread]; may be empty
  Watchdog* watchdog = nullptr;    ///< null: nobody watches how long calls take
};

/// One session's worklet runtime, made at its first module, and the way its events take: those raised inside a quantum through the notice
/// queue, those raised on the compile thread to the sink, after what that queue holds. So their order is that in which they happened.
class WorkletScope final : public WorkletEvents {
 public:
  /// `say` outlives the scope. `drain` passes on what the notice queue holds.
  WorkletScope(WorkletConfig config, WorkletHost host, Executor& executor, NoticeQueue& notices, const NoticeSink& say,
               std::function<void()> drain);
  ~WorkletScope() override;

  /// Says ModuleEvaluated, after everything that the module has said. [compile]
  void evaluate(std::uint32_t request, const AddModule& command);
  /// Null, having said ProcessorFailed, if it cannot be made. [compile]
  std::unique_ptr<Processor> create(NodeId node, const CreateWorkletNode& command);
  /// A message for the scope itself; it waits while there is no runtime. [compile]
  void receive(const Message& message);
  /// As WorkletRuntime::release: before the render thread is waited for. [compile]
  void release() {
    if (runtime_) runtime_->release();
  }
  NoticeQueue& notices() { return notices_; }
  BlackBox& blackBox() { return *config_.blackBox; }

  bool processorMessage(NodeId node, std::span<const std::byte> message) noexcept override;
  void processorError(NodeId node, const ScriptError& error) noexcept override;
  void processorRegistered(const std::string& name, const std::vector<ProcessorParam>& params) noexcept override;
  void registrationFailed(const FailedRegistration& failure) noexcept override;
  /// No more than kLines lines and kBytes bytes a second; what is left out is said and counted.
  void console(const char* level, const std::string& text, const std::string& place) noexcept override;
  void wake() noexcept override;

  static constexpr std::size_t kLines = 10'000, kBytes = 4 << 20;

 private:
  bool onCompileThread() const noexcept { return compiling_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }
  void say(std::uint32_t target, Notice notice) noexcept;

  BlackBox ownBox_;   // where the session has none
  const WorkletConfig config_;
  const WorkletHost host_;
  Executor& executor_;
  NoticeQueue& notices_;
  const NoticeSink& say_;
  const std::function<void()> drain_;
  std::atomic<std::thread::id> compiling_{};   // the thread inside evaluate or create
  std::atomic<std::uint32_t> request_{0};      // the AddModule that is being evaluated
  // The runtime lets one thread at a time into its scope; these belong to that one.
  std::unordered_map<std::string, std::uint32_t> generations_;
  struct {
    std::chrono::steady_clock::time_point end;   // of the second that is counted
    std::size_t lines = 0, bytes = 0, leftOut = 0;
  } console_;
  std::mutex failuresMutex_;
  std::vector<FailedRegistration> failures_;   // since the last ModuleEvaluated
  std::vector<Message> waiting_;   // for the runtime [compile]
  std::unique_ptr<WorkletRuntime> runtime_;
  std::optional<Watchdog::Watch> watch_;   // of the runtime
};

}  // namespace backline::render
