#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "render/call_budgets.h"

namespace backline::render {

/// What can end the calls of one black box.
class Terminable {
 public:
  virtual ~Terminable() = default;
  /// The stretch that a lane says is condemned shall end, if it still runs when this takes effect. May come repeatedly. [any thread]
  virtual void terminate() noexcept = 0;
};

/// Watches the lanes of black boxes and has those calls terminated that use up their budget. A lane is looked at some twenty times a second
/// while calls come and go, less often while it is calm; those who make the calls pay nothing for it.
/// Thread safety: any thread.
class Watchdog {
 public:
  /// `outlived` is told of a call that went on beyond all mercy, with its black box, and again at every look; empty: such a call
  /// is waited for. [the watchdog's thread]
  using Outlived = std::function<void(BlackBox& box, std::uint64_t stretch)>;
  explicit Watchdog(const CallBudgets& budgets, Outlived outlived = {});
  ~Watchdog();

  const CallBudgets& budgets() const { return budgets_; }
  /// Until the object returned goes. `terminable` may be null: calls that cannot be terminated. Starts the thread with the first.
  class Watch {
   public:
    Watch(Watchdog& dog, BlackBox& box, Terminable* terminable);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    friend class Watchdog;
    struct Seen {
      std::uint64_t stretch = 0;
      double since = 0;         // processor time of its thread when it was first seen
      std::uint64_t mark = 0;   // of the lane at the last look
    };
    Watchdog& dog_;
    BlackBox& box_;
    Terminable* const terminable_;
    Seen render_, compile_;
  };

 private:
  void run();
  void look(Watch& watch, Lane& lane, Watch::Seen& seen);

  const CallBudgets budgets_;
  const Outlived outlived_;
  std::mutex mutex_;   // guards what follows, and that no Watch goes while it is looked at
  std::condition_variable changed_;
  std::vector<Watch*> watches_;
  bool ending_ = false;
  bool lively_ = false, suspicious_ = false;   // of the last round
  std::thread thread_;
};

}  // namespace backline::render
