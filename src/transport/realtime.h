#pragma once

namespace backline::transport {

/// Marks the current thread, for its lifetime, as being inside a render quantum: nothing in it may allocate,
/// lock, block, log or throw. Costs one thread-local increment; the guard linked into tests (tests/support)
/// turns an offence into a failure.
class RealtimeScope {
 public:
  RealtimeScope() noexcept;
  ~RealtimeScope();
  RealtimeScope(const RealtimeScope&) = delete;
  RealtimeScope& operator=(const RealtimeScope&) = delete;
};

/// Lifts the rule for a part of a RealtimeScope: calls into JavaScript, whose engine may allocate and lock.
class RealtimeExempt {
 public:
  RealtimeExempt() noexcept;
  ~RealtimeExempt();
  RealtimeExempt(const RealtimeExempt&) = delete;
  RealtimeExempt& operator=(const RealtimeExempt&) = delete;

 private:
  int saved_;
};

/// True inside a RealtimeScope that is not lifted. [any thread]
bool inRealtimeScope() noexcept;

/// SCHED_FIFO for the calling thread where the system lets us. Returns the priority obtained, 0 if none.
/// Flushes denormals too.
int enterRealtimePriority(int priority) noexcept;

/// Flush-to-zero and denormals-are-zero for the calling thread, for its lifetime.
class DenormalsFlushed {
 public:
  DenormalsFlushed() noexcept;
  ~DenormalsFlushed();

 private:
  unsigned saved_;
};

/// The calling thread computes with denormals, as threads do that nobody has told otherwise.
void keepDenormals() noexcept;

}  // namespace backline::transport
