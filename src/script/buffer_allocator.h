#pragma once

#include <atomic>
#include <cstdlib>

#include "script/compat.h"

namespace backline::script {

/// The memory of one isolate's ArrayBuffers, never more than `most` bytes: what goes beyond is a RangeError in the script that asks. [any thread]
class BufferAllocator final : public v8::ArrayBuffer::Allocator {
 public:
  explicit BufferAllocator(std::size_t most) : most_(most) {}

  void* Allocate(std::size_t length) override { return counted(length, [](std::size_t bytes) { return std::calloc(bytes, 1); }); }
  void* AllocateUninitialized(std::size_t length) override { return counted(length, [](std::size_t bytes) { return std::malloc(bytes); }); }
  void Free(void* data, std::size_t length) override {
    std::free(data);
    used_.fetch_sub(length, std::memory_order_relaxed);
  }

 private:
  template <class F>
  void* counted(std::size_t length, F allocate) {
    if (used_.fetch_add(length, std::memory_order_relaxed) + length <= most_) {
      if (void* const data = allocate(length == 0 ? 1 : length); data != nullptr) return data;
    }
    used_.fetch_sub(length, std::memory_order_relaxed);
    return nullptr;
  }

  const std::size_t most_;
  std::atomic<std::size_t> used_{0};
};

/// Zeroed memory of the engine's own, to be shown to script: not counted, so that it is there whatever script has used up.
inline std::unique_ptr<v8::BackingStore> engineMemory(std::size_t bytes) {
  void* const data = std::calloc(bytes == 0 ? 1 : bytes, 1);
  if (data == nullptr) std::abort();
  return v8::ArrayBuffer::NewBackingStore(data, bytes, [](void* owned, std::size_t, void*) { std::free(owned); }, nullptr);
}

}  // namespace backline::script
