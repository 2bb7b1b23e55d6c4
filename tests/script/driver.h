#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "render/watchdog.h"
#include "script/owner.h"
#include "script/runtime.h"

namespace backline::script::test {

struct Event {
  std::string kind;   ///< "message", "error", "registered", "registrationFailed", "console"
  std::uint32_t node = 0;
  render::Message message;
  render::ScriptError error;
  std::string name, text, place;
  std::vector<render::ProcessorParam> params;
};

/// Keeps what the worklet says; refuses messages when `room` is used up.
class Events final : public render::WorkletEvents {
 public:
  bool processorMessage(render::NodeId node, std::span<const std::byte> message) noexcept override;
  void processorError(render::NodeId node, const render::ScriptError& error) noexcept override;
  void processorRegistered(const std::string& name, const std::vector<render::ProcessorParam>& params) noexcept override;
  void registrationFailed(const render::FailedRegistration& failure) noexcept override;
  void console(const char* level, const std::string& text, const std::string& place) noexcept override;
  void wake() noexcept override { ++wakes; }
  std::vector<Event> take();
  std::atomic<std::int64_t> room{INT64_MAX};
  std::atomic<std::uint32_t> wakes{0};

 private:
  void add(Event event);
  std::mutex mutex_;
  std::vector<Event> events_;
};

/// One node of the test's "graph": what it is called with, and what came out.
struct Node {
  std::unique_ptr<render::Processor> processor;
  std::vector<std::vector<float>> inputs;              ///< channels × frames, one after another; empty: inactive
  std::vector<std::uint32_t> outputs;                  ///< channels
  std::vector<std::vector<float>> params;              ///< one value: constant
  std::vector<std::vector<float>> rendered;
  std::vector<bool> silent;
  render::ProcessorResult result = render::ProcessorResult::keepAlive;
};

/// A session with only worklets in it.
class Session {
 public:
  /// `budget`: seconds of processor time that a call may take; 0: nobody watches.
  Session(Owner& owner, float sampleRate, std::uint32_t quantum, bool sameProcess, double budget);
  ~Session();

  /// One quantum: begin, process every node of `order`, end.
  void quantum(const std::vector<std::uint32_t>& order);
  /// Nanoseconds of the thread's time a process() call of `node` takes, of `calls` in quanta of `perQuantum`.
  double measure(std::uint32_t node, std::uint32_t calls, std::uint32_t perQuantum);
  /// Bytes by which the isolate's heap grows in `quanta` quanta of `order`.
  double heapGrowth(const std::vector<std::uint32_t>& order, std::uint32_t quanta);
  /// Collections of any kind in the isolate in `quanta` quanta of `order`.
  std::uint32_t collections(const std::vector<std::uint32_t>& order, std::uint32_t quanta);
  /// How long each of `quanta` quanta of `order` takes, in seconds, on a thread as a render host's, one every quantum's duration.
  std::vector<float> pace(const std::vector<std::uint32_t>& order, std::uint32_t quanta);
  std::size_t instances();
  /// Renders `order` on a thread of its own until the session or the process ends, with a pause after every quantum.
  void startThread(std::vector<std::uint32_t> order, std::chrono::microseconds pause = {});
  /// Returns the longest quantum, in nanoseconds.
  double stopThread();

  /// Of a session that plays the other process: what its program has invited it to.
  std::shared_ptr<void> membership;
  Events events;
  render::BlackBox box;
  std::shared_ptr<Realm> realm;
  std::unique_ptr<render::WorkletRuntime> runtime;
  std::optional<render::Watchdog> dog;
  std::optional<render::Watchdog::Watch> watch;
  std::map<std::uint32_t, Node> nodes;
  std::uint64_t frame = 0;

 private:
  /// A node's blocks, as an executor has them ready.
  struct Call {
    std::vector<render::Block> inputs, outputs;
    std::vector<const render::Block*> pointers;
    std::vector<render::ParamBlock> params;
  };
  Call prepare(Node& node);
  void process(std::uint32_t id, const render::Quantum& quantum);
  std::size_t heap();

  float sampleRate_;
  std::uint32_t quantum_;
  std::atomic<bool> stop_{false};
  std::chrono::nanoseconds longest_{};
  std::thread thread_;
};

}  // namespace backline::script::test
