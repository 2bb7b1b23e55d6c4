#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace backline::transport {

static_assert(std::atomic<std::uint32_t>::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && sizeof(std::atomic<std::uint64_t>) == 8);

inline constexpr std::size_t kCacheLine = 64;

// Copies between private memory and words that the other side may be writing or reading at this moment.
// Whoever reads checks afterwards, with a counter, whether what it copied was whole.
//
// Order without fences (ThreadSanitizer knows none): the writer announces the copy in a counter and then
// stores each word with release; the reader loads each word with acquire and then looks at that counter. A
// reader that saw one word of a copy thereby sees its announcement too. On x86 these are plain moves.

/// Stores `bytes` bytes as words; the last word is filled with zeros. [any thread, render included]
template <class Word>
void storeWords(std::atomic<Word>* to, const void* from, std::size_t bytes) noexcept {
  const auto* source = static_cast<const std::byte*>(from);
  for (; bytes >= sizeof(Word); bytes -= sizeof(Word), source += sizeof(Word)) {
    Word word;
    std::memcpy(&word, source, sizeof word);
    (to++)->store(word, std::memory_order_release);
  }
  if (bytes == 0) return;
  Word word = 0;
  std::memcpy(&word, source, bytes);
  to->store(word, std::memory_order_release);
}

/// Loads `bytes` bytes out of words. [any thread, render included]
template <class Word>
void loadWords(void* to, const std::atomic<Word>* from, std::size_t bytes) noexcept {
  auto* target = static_cast<std::byte*>(to);
  for (; bytes >= sizeof(Word); bytes -= sizeof(Word), target += sizeof(Word)) {
    const Word word = (from++)->load(std::memory_order_acquire);
    std::memcpy(target, &word, sizeof word);
  }
  if (bytes == 0) return;
  const Word word = from->load(std::memory_order_acquire);
  std::memcpy(target, &word, bytes);
}

}  // namespace backline::transport
