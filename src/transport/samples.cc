#include "transport/samples.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <limits>

namespace backline::transport {

Samples silence(std::uint64_t frames) {
  if (frames > std::numeric_limits<std::size_t>::max() / sizeof(float)) return nullptr;
  auto* memory = static_cast<float*>(std::calloc(frames, sizeof(float)));
  return memory == nullptr ? nullptr : Samples(memory, [](float* old) { std::free(old); });
}

void expectFilled(const Samples& samples, std::uint64_t frames) noexcept {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE)), begin = reinterpret_cast<std::uintptr_t>(samples.get());
  const std::uintptr_t first = (begin + page - 1) / page * page, end = (begin + frames * sizeof(float)) / page * page;
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
}

}  // namespace backline::transport
