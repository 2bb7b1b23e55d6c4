#pragma once

#include <atomic>
#include <memory>

#include "render/node_costs.h"
#include "render/notice_queue.h"
#include "render/spsc_queue.h"
#include "render/transaction.h"

namespace backline::render {

struct ExecutorConfig {
  float sampleRate = 48000;
  std::uint32_t quantum = kDefaultQuantum;
  std::uint32_t channels = 2;   ///< of the interleaved output
  std::uint64_t firstFrame = 0; ///< at which the first quantum begins: where another render side left off
};

/// Runs plans, quantum by quantum. The render half of a session.
/// Threads: `submit`, `reclaim`, `takeRetiredEvents` on the compile thread; everything marked [render] on one render thread. What crosses,
/// crosses in two SPSC queues of transactions: full ones go in, spent shells come back, and only the compile thread frees.
class Executor {
 public:
  Executor(const ExecutorConfig& config, NoticeQueue& notices);
  ~Executor();

  /// Takes the transaction and returns true, or leaves it if the queue is full. [compile]
  bool submit(std::unique_ptr<Transaction>& transaction);
  /// A spent shell, null if there is none; whatever it still holds is free to go. [compile]
  std::unique_ptr<Transaction> reclaim();
  /// Automation events that timelines are done with, linked by `next`. [compile]
  dsp::TimelineEvent* takeRetiredEvents() noexcept { return retiredForCompile_.exchange(nullptr, std::memory_order_acquire); }

  /// Frees whatever is still under way. Only when the render thread has ended. [compile]
  void clear();

  /// Applies what has been submitted, at a quantum boundary. True if there was anything. [render]
  bool applySubmitted() noexcept;
  /// Renders one quantum as interleaved frames (quantum × channels floats). [render]
  void render(float* interleaved) noexcept;
  /// The quantum's output as planar channels, for readers in the same process; valid until the next quantum. [render]
  const Block& output() const noexcept;
  /// Lets worklets answer their ports without rendering. Returns in how many milliseconds they want it again; -1: when something
  /// happens. [render]
  int serveWorklets() noexcept;

  std::uint64_t firstFrame() const noexcept { return config_.firstFrame; }       // [any thread]
  std::uint64_t frame() const noexcept { return rt_.quantum.frame; }             // [render]
  RunState::Kind state() const noexcept { return rt_.state; }                    // [render]
  std::uint32_t generation() const noexcept { return rt_.generation; }           // [render]
  /// What nodes cost, as far as it has been measured.
  const NodeCosts& costs() const noexcept { return rt_.costs; }                  // [render]
  std::uint64_t appliedSequence() const noexcept { return rt_.appliedSequence; } // [render]
  /// Takes a state at once, as at an offline suspend point; said by a StateChanged notice. [render]
  void enter(RunState state) noexcept;

  /// The runtime may come with the first module; set before a transaction that needs it is submitted. [compile]
  void setWorklets(WorkletRuntime* worklets) noexcept { worklets_.store(worklets, std::memory_order_release); }

 private:
  void apply(Transaction& transaction) noexcept;
  void applyOp(ValueOp& op) noexcept;
  void runSteps(Plan& plan) noexcept;
  void measureSteps(Plan& plan, std::span<const StepPlan> steps) noexcept;
  void runStep(Plan& plan, const StepPlan& step) noexcept;
  const Block* mixInput(Plan& plan, const InputPlan& input) noexcept;
  void computeParam(Plan& plan, const StepPlan& step, std::uint32_t index) noexcept;
  void retire(dsp::TimelineEvent* events) noexcept;
  void saySource(RenderNode& node, Activity activity) noexcept;
  void sayPending() noexcept;

  const ExecutorConfig config_;
  NoticeQueue& notices_;
  std::atomic<WorkletRuntime*> worklets_{nullptr};
  SpscQueue<Transaction, 256> submitted_, spent_;
  std::atomic<dsp::TimelineEvent*> retiredForCompile_{nullptr};

  struct {
    std::unique_ptr<Plan> plan;
    Quantum quantum;
    RunState::Kind state = RunState::suspended;
    std::uint32_t generation = 0;
    std::uint64_t appliedSequence = 0;
    dsp::TimelineEvent* retired = nullptr;
    StateChanged unsaid[8];            // state changes that found the notice queue full
    std::uint32_t unsaidCount = 0;
    bool sourcesUnsaid = false;        // so did what a source has to say
    NodeCosts costs;
    Block silence;                     // the output while there is no plan
    std::unique_ptr<float[]> silenceData;
    std::unique_ptr<float[]> mixData;  // channels × quantum
  } rt_;
};

}  // namespace backline::render
