#pragma once

#include <cstdint>
#include <type_traits>

#include "transport/shared_memory.h"

namespace backline::transport {

// Page: one versioned value published by one writer to any number of readers, through two slots: a writer killed in
// the middle of publishing leaves the previous value readable, and nobody spins on it.
// Byte layout: docs/formats/page.md. `kind` tells what the value is; a page of another kind or size is refused.

/// T: trivially copyable, with `static constexpr std::uint32_t kPageKind`.
template <class T>
SharedMemory createPage(const char* name);

template <class T>
class PageWriter {
 public:
  PageWriter() = default;
  explicit PageWriter(SharedMemory memory);  ///< throws TransportError
  const SharedMemory& memory() const;
  /// Wait-free. [writer thread, may be render]
  void publish(const T& value) noexcept;

 private:
  SharedMemory memory_;
};

template <class T>
class PageReader {
 public:
  PageReader() = default;
  explicit PageReader(SharedMemory memory);  ///< throws TransportError
  const SharedMemory& memory() const;
  /// Times published; 0: never. [any thread]
  std::uint64_t version() const noexcept;
  /// Copies the newest whole value. False if nothing was published, or if the writer overtook every one of a bounded
  /// number of tries. [any thread]
  bool read(T& out) const noexcept;

 private:
  SharedMemory memory_;
};

}  // namespace backline::transport
