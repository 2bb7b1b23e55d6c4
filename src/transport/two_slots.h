#pragma once

#include "transport/shared_words.h"

namespace backline::transport {

// One value of kBytes bytes in shared memory, published by one writer to any number of readers.
//
// Thread safety: publish on one thread; the rest on any.
// Invariants:
// 1. Publication n (from 1) writes slot n & 1 and no other, so the value of publication n - 1 stays whole
// meanwhile.
// 2. A slot's sequence is 2n - 1 while publication n writes it, 2n once it is whole.
// 3. `published` is n only after slot n & 1 is whole. A writer that dies at any point leaves it naming a
// whole slot.
template <std::size_t kBytes>
struct TwoSlots {
  static constexpr std::size_t kWords = (kBytes + 7) / 8;
  static constexpr int kTries = 64;

  struct alignas(kCacheLine) Slot {
    std::atomic<std::uint64_t> sequence;
    std::atomic<std::uint64_t> words[kWords];
  };

  alignas(kCacheLine) std::atomic<std::uint64_t> published;
  Slot slots[2];

  /// Wait-free. `number`: of this publication, one more than the last; the writer counts by itself.
  void publish(std::uint64_t number, const void* value) noexcept {
    Slot& slot = slots[number & 1];
    slot.sequence.store(2 * number - 1, std::memory_order_relaxed);
    storeWords(slot.words, value, kBytes);
    slot.sequence.store(2 * number, std::memory_order_release);
    published.store(number, std::memory_order_release);
  }

  /// False, with `out` untouched, if nothing was published or the writer overtook every try.
  bool read(void* out) const noexcept {
    for (int attempt = 0; attempt < kTries; ++attempt) {
      const std::uint64_t number = published.load(std::memory_order_acquire);
      if (number == 0) return false;
      const Slot& slot = slots[number & 1];
      if (slot.sequence.load(std::memory_order_acquire) != 2 * number) continue;
      std::uint64_t copy[kWords];
      loadWords(copy, slot.words, sizeof copy);
      if (slot.sequence.load(std::memory_order_relaxed) != 2 * number) continue;
      std::memcpy(out, copy, kBytes);
      return true;
    }
    return false;
  }
};

}  // namespace backline::transport
