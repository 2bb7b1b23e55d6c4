// The allocator, operator new and delete behind it, and exceptions.

#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include <malloc.h>

#include "tests/support/interpose.h"

// glibc's own names: to look the functions up would need them.
extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* block, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
void __libc_free(void* block);
[[noreturn]] void __cxa_throw(void* exception, void* type, void (*destructor)(void*));
}

using backline::guard::check;

BACKLINE_INTERPOSED void* malloc(std::size_t bytes) noexcept {
  check("malloc");
  return __libc_malloc(bytes);
}

BACKLINE_INTERPOSED void* calloc(std::size_t count, std::size_t bytes) noexcept {
  check("calloc");
  return __libc_calloc(count, bytes);
}

BACKLINE_INTERPOSED void* realloc(void* block, std::size_t bytes) noexcept {
  check("realloc");
  return __libc_realloc(block, bytes);
}

BACKLINE_INTERPOSED void free(void* block) noexcept {
  if (block != nullptr) check("free");
  __libc_free(block);
}

BACKLINE_INTERPOSED void* memalign(std::size_t alignment, std::size_t bytes) noexcept {
  check("memalign");
  return __libc_memalign(alignment, bytes);
}

BACKLINE_INTERPOSED void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  check("aligned_alloc");
  return __libc_memalign(alignment, bytes);
}

BACKLINE_INTERPOSED int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) noexcept {
  check("posix_memalign");
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
  void* const found = __libc_memalign(alignment, bytes);
  if (found == nullptr) return ENOMEM;
  *block = found;
  return 0;
}

BACKLINE_INTERPOSED void __cxa_throw(void* exception, void* type, void (*destructor)(void*)) {
  check("throw");
  BACKLINE_REAL(__cxa_throw)(exception, type, destructor);
  std::abort();
}
