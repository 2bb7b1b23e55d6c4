#pragma once

#include <dlfcn.h>

#include <atomic>

#define BACKLINE_INTERPOSED extern "C" __attribute__((visibility("default")))

/// The function that would have been called without the guard.
#define BACKLINE_REAL(name)                                                            \
  ([] {                                                                                \
    static std::atomic<void*> found{nullptr};                                          \
    if (found.load(std::memory_order_relaxed) == nullptr) {                            \
      found.store(::dlsym(RTLD_NEXT, #name), std::memory_order_relaxed);               \
    }                                                                                  \
    return reinterpret_cast<decltype(&::name)>(found.load(std::memory_order_relaxed)); \
  }())

/// How many RealtimeScopes the calling thread is in. src/transport/realtime.cc counts here when the guard is
/// there.
BACKLINE_INTERPOSED int* backlineRealtimeGuardDepth();

namespace backline::guard {

inline constexpr int kMaxFrames = 24;

/// Called at each offence, outside the scope, where all is allowed.
using Report = void (*)(const char* call, void* const* frames, int count);
extern std::atomic<Report> report;

void offend(const char* call) noexcept;

/// Stands at the head of each interposed function.
inline void check(const char* call) noexcept {
  if (*backlineRealtimeGuardDepth() > 0) offend(call);
}

}  // namespace backline::guard
