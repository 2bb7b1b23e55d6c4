#include "script/overlay.h"

#include <sys/mman.h>

namespace backline::script {

bool overlay(const transport::SharedHeap& heap, std::uint64_t offset, v8::BackingStore& memory, MemoryPages pages) {
  void* const at = memory.Data();
  if (at == nullptr || pages.most == 0 || memory.ByteLength() > pages.bytes()) return false;
  if (::madvise(at, pages.bytes(), MADV_NORMAL) != 0) return false;   // some of it is nobody's
  if (::mmap(at, pages.bytes(), PROT_NONE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, heap.fd().get(), static_cast<off_t>(offset)) == MAP_FAILED) return false;
  return memory.ByteLength() == 0 || ::mprotect(at, memory.ByteLength(), PROT_READ | PROT_WRITE) == 0;
}

}  // namespace backline::script
