#include "transport/realtime.h"

#include <dlfcn.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Defined by the realtime guard (tests/support) when it is linked into a program or preloaded. Its counter is
// then the one that counts, so that all copies of this library in a process (there is one in each add-on)
// share it.
extern "C" __attribute__((weak)) int* backlineRealtimeGuardDepth();

namespace backline::transport {
namespace {

using DepthFunction = int* (*)();

// A preloaded guard is found by name: weak references of a position-independent executable may be bound to
// null when it is linked, and add-ons are loaded where only preloaded libraries are visible to them.
DepthFunction findGuard() {
  if (backlineRealtimeGuardDepth != nullptr) return backlineRealtimeGuardDepth;
  return reinterpret_cast<DepthFunction>(::dlsym(RTLD_DEFAULT, "backlineRealtimeGuardDepth"));
}

const DepthFunction guardDepth = findGuard();
thread_local int ownDepth = 0;

int& depth() noexcept {
  return guardDepth != nullptr ? *guardDepth() : ownDepth;
}

}  // namespace

RealtimeScope::RealtimeScope() noexcept {
  ++depth();
}
RealtimeScope::~RealtimeScope() {
  --depth();
}

RealtimeExempt::RealtimeExempt() noexcept : saved_(depth()) {
  depth() = 0;
}
RealtimeExempt::~RealtimeExempt() {
  depth() = saved_;
}

bool inRealtimeScope() noexcept {
  return depth() > 0;
}

namespace {

#if defined(__x86_64__)
constexpr unsigned kFlushToZero = 0x8000;
constexpr unsigned kDenormalsAreZero = 0x0040;

unsigned flushDenormals() noexcept {
  const unsigned saved = _mm_getcsr();
  _mm_setcsr(saved | kFlushToZero | kDenormalsAreZero);
  return saved;
}
void restoreDenormals(unsigned saved) noexcept {
  const unsigned bits = kFlushToZero | kDenormalsAreZero;
  _mm_setcsr((_mm_getcsr() & ~bits) | (saved & bits));
}
#elif defined(__aarch64__)
constexpr unsigned long kFlushToZero = 1ul << 24;  // FPCR.FZ flushes inputs and results

unsigned flushDenormals() noexcept {
  unsigned long control;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  asm volatile("msr fpcr, %0" : : "r"(control | kFlushToZero));
  return static_cast<unsigned>(control);
}
void restoreDenormals(unsigned saved) noexcept {
  unsigned long control;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  asm volatile("msr fpcr, %0" : : "r"((control & ~kFlushToZero) | (saved & kFlushToZero)));
}
#else
unsigned flushDenormals() noexcept {
  return 0;
}
void restoreDenormals(unsigned) noexcept {}
#endif

}  // namespace

DenormalsFlushed::DenormalsFlushed() noexcept : saved_(flushDenormals()) {}
DenormalsFlushed::~DenormalsFlushed() {
  restoreDenormals(saved_);
}

void keepDenormals() noexcept { restoreDenormals(0); }

int enterRealtimePriority(int priority) noexcept {
  flushDenormals();
  const auto attempt = [](int wanted) {
    const sched_param parameters{.sched_priority = wanted};
    // Children of this process must not inherit what could starve the machine.
    return ::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) == 0;
  };
  const int wanted =
      std::clamp(priority, ::sched_get_priority_min(SCHED_FIFO), ::sched_get_priority_max(SCHED_FIFO));
  if (attempt(wanted)) return wanted;
  rlimit limit{};
  if (::getrlimit(RLIMIT_RTPRIO, &limit) != 0 || limit.rlim_cur == 0) return 0;
  const int allowed = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(wanted)));
  return attempt(allowed) ? allowed : 0;
}

}  // namespace backline::transport
