#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "render/call_budgets.h"
#include "render/block.h"
#include "render/node.h"

namespace backline::render {

/// A structured clone: the bytes of a v8::ValueSerializer for JavaScript; whatever the two sides agree on for native processors.
using Message = std::vector<std::byte>;

inline constexpr std::uint32_t kMaxWorkletPorts = 1024;   ///< inputs or outputs of one node

struct ProcessorParam {
  std::string name;
  float initial = 0, minimum = kMostNegative, maximum = kMostPositive;
  AutomationRate rate = AutomationRate::aRate;
};

/// A registerProcessor() call that threw, and why.
struct FailedRegistration {
  std::string name, reason;
};

/// Where in the program's source something went wrong. line and column count from 1; 0: unknown.
struct ScriptError {
  std::string name;      ///< "TypeError", "SyntaxError", …
  std::string message;
  std::string url;
  std::uint32_t line = 0, column = 0;
  std::string stack;
};

struct ProcessorArgs {
  const Quantum& quantum;
  std::span<const Block* const> inputs;   ///< a block that is not `active` shows as an input with no channels
  std::span<Block> outputs;               ///< zeroed and with their channel count set before the call
  std::span<const ParamBlock> params;     ///< the node's
};

/// done: process() returned false (or nothing): alive only while its inputs are. failed: it threw; it will not be called again.
enum class ProcessorResult { keepAlive, done, failed };

/// One AudioWorkletProcessor, JavaScript or native.
class Processor {
 public:
  virtual ~Processor() = default;
  /// [render]
  virtual ProcessorResult process(const ProcessorArgs& args) noexcept = 0;
  /// A message from the node's port. [render]
  virtual void receive(std::span<const std::byte> message) noexcept = 0;
  /// Once after a failure, if another class has taken the place of the one that failed: it may be called again. [render]
  virtual bool renewed() noexcept { return false; }
};

/// What the worklet says to the control side. Implemented by the session's render side; callable inside a quantum, never blocks; copies.
class WorkletEvents {
 public:
  virtual ~WorkletEvents() = default;
  /// processor.port.postMessage(); node 0: that of the scope's own port. False: there was no room (the runtime keeps the message and tries
  /// again after the next quantum).
  virtual bool processorMessage(NodeId node, std::span<const std::byte> message) noexcept = 0;
  /// process() threw, or is no function. (A constructor's error is create()'s answer; a port handler's goes to the console.)
  virtual void processorError(NodeId node, const ScriptError& error) noexcept = 0;
  virtual void processorRegistered(const std::string& name, const std::vector<ProcessorParam>& params) noexcept = 0;
  virtual void registrationFailed(const FailedRegistration& failure) noexcept = 0;
  /// console.log and its kin. level: "log", "warn", "error", …; place: "url:line:column" of the call, empty where the text says it.
  virtual void console(const char* level, const std::string& text, const std::string& place) noexcept = 0;
  /// There is something to do for a pair of beginQuantum and endQuantum, even if nothing is rendered. [any thread]
  virtual void wake() noexcept = 0;
};

struct ModuleSource {
  std::string url;        ///< absolute
  std::string source;     ///< UTF-8
  /// specifier → absolute url, as the program resolved them
  std::vector<std::pair<std::string, std::string>> imports;
};

struct ProcessorOptions {
  std::string name;                           ///< as registered
  std::uint32_t inputs = 1, outputs = 1;
  std::optional<std::vector<std::uint32_t>> outputChannelCount;
  Message options;                            ///< structured clone of the whole AudioWorkletNodeOptions (numberOfInputs … processorOptions)
};

class Terminable;

/// The AudioWorkletGlobalScope of one session: all its processors share it.
/// Threads: `evaluate` and `create` run on the session's compile thread, the rest on its render thread; the
/// runtime makes them exclude each other (for V8, by its Locker).
class WorkletRuntime {
 public:
  virtual ~WorkletRuntime() = default;

  /// Evaluates modules[0] with the rest as its imports; modules already evaluated (same url) are not evaluated again. Returns true, or
  /// false with the error. Top-level await is waited for. Registrations are reported through WorkletEvents before it returns.
  /// replace: modules[0] is evaluated anew, and so are those imports that have another text than before, and what imports those; names that
  /// are taken get the class that is registered now, and so do the processors that play, between two quanta. If anything of it fails,
  /// nothing has changed. [compile]
  virtual bool evaluate(std::span<const ModuleSource> modules, bool replace, ScriptError& error) = 0;
  /// Runs the processor's constructor. Null with the error if it throws or the name is unknown. `params`: of the node, in the order of
  /// ProcessorArgs::params; the class may have others. [compile]
  virtual std::unique_ptr<Processor> create(NodeId node, const ProcessorOptions& options, std::span<const ProcessorParam> params,
                                            ScriptError& error) = 0;
  /// A message from AudioWorklet.port, for the scope's own port. [compile]
  virtual void receive([[maybe_unused]] std::span<const std::byte> message) noexcept {}

  /// Around every quantum in which processors may run, and once a wake-up while the session is suspended (so that ports are served).
  /// begin sets currentFrame/currentTime; end runs microtasks and pending message tasks. [render]
  virtual void beginQuantum(const Quantum& quantum) noexcept = 0;
  virtual void endQuantum() noexcept = 0;
  /// While nothing is rendered: in how many milliseconds it wants the next pair of these calls. -1: not before something happens. [render]
  virtual int nextTask() noexcept { return -1; }
  /// No debugger holds it up from here on: its calls can be waited for. [any thread]
  virtual void release() noexcept {}
  /// What can end its calls while they run; null: nothing can. [any thread]
  virtual Terminable* terminable() noexcept { return nullptr; }
};

struct WorkletConfig {
  float sampleRate;
  std::uint32_t quantum;
  WorkletEvents* events;
  CallBudgets budgets;  ///< what a watchdog, if there is one, allows
  BlackBox* blackBox;   ///< never null; whoever calls a processor or a runtime marks the stretch, the runtime those within
  std::uint64_t firstFrame = 0;   ///< what currentFrame is before the first quantum
};

/// Made by whoever owns the process (`main`, the binding) and handed down; empty where no JavaScript can run.
using WorkletRuntimeFactory = std::function<std::unique_ptr<WorkletRuntime>(const WorkletConfig&)>;

}  // namespace backline::render
