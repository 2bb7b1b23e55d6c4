#include "transport/shared_heap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>

#include "transport/error.h"

namespace backline::transport {

namespace {

constexpr std::uint64_t kMagic = 0x3150414548534c42;   // "BLSHEAP1"
constexpr int kNoShrink = F_SEAL_SHRINK;
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
/// Up to here zeroing costs less than a call.
constexpr std::uint64_t kWipe = 16 * SharedHeap::kPage;

struct Header {
  std::uint64_t magic, id;
};
static_assert(sizeof(Header) == 16);

[[noreturn]] void fail(const std::string& what, int error) { throw TransportError(what + ": " + std::strerror(error)); }

std::uint64_t rounded(std::uint64_t bytes) {
  const std::uint64_t grain = bytes >= SharedHeap::kPage ? SharedHeap::kPage : SharedHeap::kGrain;
  return (std::max<std::uint64_t>(bytes, 1) + grain - 1) / grain * grain;
}

}  // namespace

SharedHeap::SharedHeap(Fd fd, std::uint64_t most) : fd_(std::move(fd)), most_(most) {
  void* const address = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd_.get(), 0);
  if (address == MAP_FAILED) fail("cannot map a shared heap", errno);
  base_ = static_cast<std::byte*>(address);
  free_.emplace(kPage, kBytes - kPage);
}

SharedHeap::~SharedHeap() { ::munmap(base_, kBytes); }

std::shared_ptr<SharedHeap> SharedHeap::create(std::uint64_t most) {
  Fd fd(::memfd_create("backline-heap", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) fail("cannot create a shared heap", errno);
  if (::ftruncate(fd.get(), static_cast<off_t>(kBytes)) != 0) fail("cannot size a shared heap", errno);
  if (::fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) fail("cannot seal a shared heap", errno);
  std::shared_ptr<SharedHeap> heap(new SharedHeap(std::move(fd), most));
  Header header{kMagic, 0};
  if (::getrandom(&header.id, sizeof header.id, 0) != sizeof header.id) fail("cannot name a shared heap", errno);
  std::memcpy(heap->base_, &header, sizeof header);
  heap->id_ = header.id;
  return heap;
}

std::shared_ptr<SharedHeap> SharedHeap::map(Fd fd, std::uint64_t most) {
  const int seals = ::fcntl(fd.get(), F_GET_SEALS);
  if (seals < 0) fail("a shared heap is no memfd", errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) fail("cannot read the size of a shared heap", errno);
  if ((seals & kNoShrink) == 0 || static_cast<std::uint64_t>(info.st_size) != kBytes) {
    throw TransportError("a shared heap must be sealed against shrinking and of " + std::to_string(kBytes) + " bytes, not " + std::to_string(info.st_size));
  }
  std::shared_ptr<SharedHeap> heap(new SharedHeap(std::move(fd), most));
  Header header;
  std::memcpy(&header, heap->base_, sizeof header);
  if (header.magic != kMagic) throw TransportError("a shared heap does not begin with its magic");
  heap->id_ = header.id;
  return heap;
}

std::optional<std::uint64_t> SharedHeap::offsetOf(const void* address) const {
  const auto* byte = static_cast<const std::byte*>(address);
  if (byte < base_ || byte >= base_ + kBytes) return {};
  return static_cast<std::uint64_t>(byte - base_);
}

std::optional<std::uint64_t> SharedHeap::allocate(std::uint64_t bytes) {
  if (bytes > kBytes) return {};
  const std::uint64_t size = rounded(bytes);
  const std::scoped_lock lock(mutex_);
  if (size > most_ - std::min(most_, usedBytes_)) return {};
  for (auto place = free_.begin(); place != free_.end(); ++place) {
    const auto [begin, room] = *place;
    const std::uint64_t offset = size >= kPage ? (begin + kPage - 1) / kPage * kPage : begin;
    if (offset - begin > room || room - (offset - begin) < size) continue;
    free_.erase(place);
    if (offset > begin) free_.emplace(begin, offset - begin);
    if (offset + size < begin + room) free_.emplace(offset + size, begin + room - offset - size);
    used_.emplace(offset, size);
    usedBytes_ += size;
    return offset;
  }
  return {};
}

void SharedHeap::free(std::uint64_t offset) {
  const std::scoped_lock lock(mutex_);
  const auto block = used_.find(offset);
  if (block == used_.end()) return;
  std::uint64_t begin = block->first, size = block->second;
  used_.erase(block);
  usedBytes_ -= size;
  // Zeroed now, so that a block may be cut from what were several.
  if (size < kWipe || ::fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(begin), static_cast<off_t>(size)) != 0) {
    std::memset(base_ + begin, 0, size);
  }
  const auto next = free_.lower_bound(begin);
  if (next != free_.begin()) {
    if (const auto before = std::prev(next); before->first + before->second == begin) {
      begin = before->first;
      size += before->second;
      free_.erase(before);
    }
  }
  if (next != free_.end() && begin + size == next->first) {
    size += next->second;
    free_.erase(next);
  }
  free_.emplace(begin, size);
}

std::uint64_t SharedHeap::used() const {
  const std::scoped_lock lock(mutex_);
  return usedBytes_;
}

}  // namespace backline::transport
