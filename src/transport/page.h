#pragma once

#include <cstdint>
#include <type_traits>

#include "transport/page_layout.h"
#include "transport/shared_memory.h"

namespace backline::transport {

// Page: one versioned value published by one writer to any number of readers, through two slots: a writer
// killed in the middle of publishing leaves the previous value readable, and nobody spins on it. Byte layout:
// docs/formats/page.md. `kind` tells what the value is; a page of another kind or size is refused.

/// T: trivially copyable, with `static constexpr std::uint32_t kPageKind`.
template <class T>
SharedMemory createPage(const char* name);

/// Made by default it only takes an assignment.
template <class T>
class PageWriter {
 public:
  PageWriter() = default;
  explicit PageWriter(SharedMemory memory);  ///< throws TransportError
  const SharedMemory& memory() const { return memory_; }
  /// Wait-free. [writer thread, may be render]
  void publish(const T& value) noexcept;
  /// Goes on after what another writer, which has let go of the page, published since this one was made. [writer thread, may be render]
  void follow() noexcept;

 private:
  SharedMemory memory_;
  std::uint64_t published_ = 0;
};

/// Made by default it only takes an assignment.
template <class T>
class PageReader {
 public:
  PageReader() = default;
  explicit PageReader(SharedMemory memory);  ///< throws TransportError
  const SharedMemory& memory() const { return memory_; }
  /// Times published; 0: never. [any thread]
  std::uint64_t version() const noexcept;
  /// Copies the newest whole value. False, with `out` untouched, if nothing was published, or if the writer
  /// overtook every one of a bounded number of tries. [any thread]
  bool read(T& out) const noexcept;

 private:
  SharedMemory memory_;
};

// ---------------------------------------------------------------------------------------------------------------------

template <class T>
PageLayout<sizeof(T)>& pageLayout(const SharedMemory& memory) noexcept {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kMaxPageValueBytes);
  return *reinterpret_cast<PageLayout<sizeof(T)>*>(memory.bytes().data());
}

template <class T>
SharedMemory createPage(const char* name) {
  return createPageSegment(name, T::kPageKind, sizeof(T), sizeof(PageLayout<sizeof(T)>));
}

template <class T>
PageWriter<T>::PageWriter(SharedMemory memory) : memory_(std::move(memory)) {
  checkPageSegment(memory_, T::kPageKind, sizeof(T), sizeof(PageLayout<sizeof(T)>));
  follow();
}

template <class T>
void PageWriter<T>::publish(const T& value) noexcept {
  pageLayout<T>(memory_).value.publish(++published_, &value);
}

template <class T>
void PageWriter<T>::follow() noexcept {
  published_ = pageLayout<T>(memory_).value.published.load(std::memory_order_acquire);
}

template <class T>
PageReader<T>::PageReader(SharedMemory memory) : memory_(std::move(memory)) {
  checkPageSegment(memory_, T::kPageKind, sizeof(T), sizeof(PageLayout<sizeof(T)>));
}

template <class T>
std::uint64_t PageReader<T>::version() const noexcept {
  return pageLayout<T>(memory_).value.published.load(std::memory_order_acquire);
}

template <class T>
bool PageReader<T>::read(T& out) const noexcept {
  return pageLayout<T>(memory_).value.read(&out);
}

}  // namespace backline::transport
