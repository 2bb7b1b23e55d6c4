#pragma once

#include <pthread.h>
#include <time.h>

#include <optional>

#include "transport/page_layout.h"
#include "transport/shared_memory.h"

namespace backline::render {

using NodeId = std::uint32_t;

/// What the program's own code is being run for.
enum class Phase : std::uint32_t {
  idle = 0,          ///< none of it runs
  process = 1,       ///< a processor's process()
  constructor = 2,   ///< a processor's constructor
  message = 3,       ///< a handler of a node's port
  microtasks = 4,    ///< microtasks and tasks of the scope; node 0: of nobody in particular
  module = 5,        ///< the evaluation of a module; `node` is the AddModule request
  timer = 6,         ///< what setTimeout() or setInterval() was given; node 0: of nobody in particular
  paused = 7,        ///< a debugger has stopped it: it takes as long as it likes
};

/// For people: "process()", "the constructor", …
const char* nameOf(Phase phase);

struct Whereabouts {
  NodeId node = 0;
  Phase phase = Phase::idle;
  bool operator==(const Whereabouts&) const = default;
};

/// The bytes of the segment (docs/formats/pages.md). Each word is whole by itself, with one writer; 0: never written.
struct BlackBoxLayout {
  static constexpr std::uint32_t kPageKind = 0x424f5831;  // "BOX1"
  transport::PageIdentity identity;
  alignas(transport::kCacheLine) std::atomic<std::uint64_t> render;    ///< the render thread's
  alignas(transport::kCacheLine) std::atomic<std::uint64_t> compile;   ///< the compile thread's
  alignas(transport::kCacheLine) std::atomic<std::uint64_t> verdict;   ///< the watchdog's: which call could not be terminated
};
static_assert(sizeof(BlackBoxLayout) == 256 && offsetof(BlackBoxLayout, render) == 64 && offsetof(BlackBoxLayout, compile) == 128 &&
              offsetof(BlackBoxLayout, verdict) == 192);

/// What one thread of a session runs of the program's own code. Thread safety: one thread at a time makes Stretches; a watchdog reads.
class Lane {
 public:
  /// Marks a stretch of the program's code for its lifetime. Costs a few stores. Nests: the outer one counts anew afterwards.
  class Stretch {
   public:
    Stretch(Lane& lane, NodeId node, Phase phase) noexcept : lane_(lane), before_(lane.now_.load(std::memory_order_relaxed)) {
      lane.enter(node, phase);
    }
    ~Stretch() { lane_.leave(before_); }
    Stretch(const Stretch&) = delete;
    Stretch& operator=(const Stretch&) = delete;

   private:
    Lane& lane_;
    const std::uint64_t before_;
  };

  /// The stretch of this moment: no two that follow each other are equal. 0: none, or one that a debugger has stopped. [any thread]
  std::uint64_t now() const noexcept {
    const std::uint64_t word = now_.load(std::memory_order_acquire);
    const Phase phase = whereabouts(word).phase;
    return phase == Phase::idle || phase == Phase::paused ? 0 : word;
  }
  /// Changes with every beginning and end of a stretch. [any thread]
  std::uint64_t mark() const noexcept { return now_.load(std::memory_order_relaxed); }
  /// `stretch` shall end; asked by those who can end it. [any thread]
  void condemn(std::uint64_t stretch) noexcept { condemned_.store(stretch, std::memory_order_release); }
  bool condemned() const noexcept {
    const std::uint64_t stretch = now();
    return stretch != 0 && stretch == condemned_.load(std::memory_order_acquire);
  }
  static Whereabouts whereabouts(std::uint64_t word) noexcept {
    return {static_cast<std::uint32_t>(word), static_cast<Phase>(word >> 32 & 0xff)};
  }
  /// Seconds of processor time that the thread of the last stretch has used; none if it has ended. [any thread]
  std::optional<double> processorTime() const noexcept;

 private:
  friend class BlackBox;
  void enter(NodeId node, Phase phase) noexcept {
    if (const pthread_t self = pthread_self(); self != thread_) attach(self);
    put(std::uint64_t{node} | std::uint64_t{static_cast<std::uint32_t>(phase)} << 32);
  }
  void leave(std::uint64_t before) noexcept { put(before & kWhat); }
  void put(std::uint64_t what) noexcept {
    const std::uint64_t word = what | ++count_ << kCountShift;
    now_.store(word, std::memory_order_release);
    shown_->store(word, std::memory_order_relaxed);
  }
  void attach(pthread_t self) noexcept;

  static constexpr int kCountShift = 40;
  static constexpr std::uint64_t kWhat = (std::uint64_t{1} << kCountShift) - 1;

  alignas(transport::kCacheLine) std::atomic<std::uint64_t> now_{0};
  std::atomic<std::uint64_t> condemned_{0};
  std::atomic<clockid_t> clock_{0};   // of the thread
  std::atomic<std::uint64_t>* shown_ = nullptr;
  std::uint64_t count_ = 0;
  pthread_t thread_{};
};

/// Tells, whatever becomes of this process, which of the program's processors was running.
class BlackBox {
 public:
  /// One that nobody else sees.
  BlackBox();
  /// Throws TransportError if the segment is no black box.
  explicit BlackBox(transport::SharedMemory memory);
  BlackBox(const BlackBox&) = delete;
  BlackBox& operator=(const BlackBox&) = delete;

  Lane render, compile;
  /// The call that costs the process its life. [any thread]
  void condemn(std::uint64_t stretch) noexcept { verdict_->store(stretch, std::memory_order_release); }

  /// A new segment. Throws TransportError.
  static transport::SharedMemory create();

 private:
  void show(std::atomic<std::uint64_t>& render, std::atomic<std::uint64_t>& compile, std::atomic<std::uint64_t>& verdict);

  transport::SharedMemory memory_;
  std::atomic<std::uint64_t> unseen_[3] = {};
  std::atomic<std::uint64_t>* verdict_ = nullptr;
};

/// The other process's view of it, during its life and after.
class BlackBoxReader {
 public:
  BlackBoxReader() = default;
  /// Throws TransportError if the segment is no black box.
  explicit BlackBoxReader(transport::SharedMemory memory);
  const transport::SharedMemory& memory() const { return memory_; }

  struct Contents {
    Whereabouts render, compile;           ///< what each thread was running, or runs
    std::optional<Whereabouts> verdict;    ///< what the host ended itself for
  };
  /// What a hostile host writes shows as phase idle or as any node: nothing but words comes of it. [any thread]
  Contents read() const noexcept;

 private:
  transport::SharedMemory memory_;
};

}  // namespace backline::render
