#pragma once

#include <array>
#include <atomic>
#include <cstddef>

namespace backline::render {

/// Hands pointers from one thread to one other inside a process. Wait-free on both sides; owns nothing.
/// Invariants: only the producer writes tail_, only the consumer writes head_, tail_ − head_ ≤ Capacity.
template <class T, std::size_t Capacity>
class SpscQueue {
  static_assert((Capacity & (Capacity - 1)) == 0);

 public:
  /// False if it is full. [producer]
  bool push(T* item) noexcept {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == Capacity) return false;
    items_[tail % Capacity] = item;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  /// Null if it is empty. [consumer]
  T* pop() noexcept {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return nullptr;
    T* item = items_[head % Capacity];
    head_.store(head + 1, std::memory_order_release);
    return item;
  }
  /// Room for at least one. [producer]
  bool hasRoom() const noexcept {
    return tail_.load(std::memory_order_relaxed) - head_.load(std::memory_order_acquire) < Capacity;
  }

 private:
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
  alignas(64) std::array<T*, Capacity> items_{};
};

}  // namespace backline::render
