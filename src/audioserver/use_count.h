#pragma once

#include <atomic>
#include <cstdint>

namespace backline::audioserver {

/// Tells when a device thread no longer uses what it found in an atomic pointer.
///
/// The device thread reads the pointer inside a Use. Whoever replaces the pointer and then waits knows that uses which began before
/// are over, and that later ones see the new pointer: both are sequentially consistent.
class UseCount {
 public:
  class Use {
   public:
    explicit Use(UseCount& count) noexcept : count_(count) { count_.uses_.fetch_add(1); }
    ~Use() { count_.uses_.fetch_add(1); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    UseCount& count_;
  };

  /// One thread at a time may use. Sleeps at most as long as a use lasts. [io]
  void waitUntilUnused() const;

 private:
  std::atomic<std::uint64_t> uses_{0};  // odd inside a use
};

}  // namespace backline::audioserver
