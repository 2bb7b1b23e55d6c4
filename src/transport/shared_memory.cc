#include "transport/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "transport/error.h"

namespace backline::transport {
namespace {

constexpr int kWritable = PROT_READ | PROT_WRITE;
constexpr int kNoShrink = F_SEAL_SHRINK;
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

[[noreturn]] void fail(const std::string& what, int error) {
  throw TransportError(what + ": " + std::strerror(error));
}

}  // namespace

// Populated at once, so that a render thread meets no page fault at its first touch.
SharedMemory::SharedMemory(Fd fd, std::size_t bytes, int protection, const char* what) : fd_(std::move(fd)) {
  void* address = ::mmap(nullptr, bytes, protection, MAP_SHARED | MAP_POPULATE, fd_.get(), 0);
  if (address == MAP_FAILED) {
    fail("cannot map " + std::string(what) + " of " + std::to_string(bytes) + " bytes for " + (protection == kWritable ? "writing" : "reading"), errno);
  }
  bytes_ = {static_cast<std::byte*>(address), bytes};
}

SharedMemory SharedMemory::create(const char* name, std::size_t bytes) {
  const std::string what = "shared memory '" + std::string(name) + "'";
  if (bytes == 0 || bytes > kMaxSegmentBytes) {
    throw TransportError(what + ": size must be 1 to " + std::to_string(kMaxSegmentBytes) + " bytes, not " +
                         std::to_string(bytes));
  }
  Fd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) fail("cannot create " + what, errno);
  // Reserves the pages too: running out of memory is an error here, not a bus error on the render thread.
  const int error = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(bytes));
  if (error != 0) fail("cannot reserve " + std::to_string(bytes) + " bytes for " + what, error);
  if (::fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) fail("cannot seal " + what, errno);
  return SharedMemory(std::move(fd), bytes, kWritable, what.c_str());
}

SharedMemory SharedMemory::map(Fd fd) { return mapPassed(std::move(fd), kWritable); }

SharedMemory SharedMemory::mapReadOnly(Fd fd) { return mapPassed(std::move(fd), PROT_READ); }

SharedMemory SharedMemory::mapPassed(Fd fd, int protection) {
  const std::string what = "shared memory passed as descriptor " + std::to_string(fd.get());
  // The seals first: what is sealed against shrinking keeps at least the size that is read after it.
  const int seals = ::fcntl(fd.get(), F_GET_SEALS);
  if (seals < 0) fail(what + " is no memfd", errno);
  if ((seals & kNoShrink) != kNoShrink) {
    throw TransportError(what + " is not sealed against shrinking; the peer must add F_SEAL_SHRINK");
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) fail("cannot read the size of " + what, errno);
  if (info.st_size <= 0 || static_cast<std::size_t>(info.st_size) > kMaxSegmentBytes) {
    throw TransportError(what + ": size must be 1 to " + std::to_string(kMaxSegmentBytes) + " bytes, not " +
                         std::to_string(info.st_size));
  }
  return SharedMemory(std::move(fd), static_cast<std::size_t>(info.st_size), protection, what.c_str());
}

SharedMemory SharedMemory::within(std::span<std::byte> bytes, std::shared_ptr<const void> owner) {
  SharedMemory part;
  part.bytes_ = bytes;
  part.owner_ = std::move(owner);
  return part;
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : fd_(std::move(other.fd_)), bytes_(std::exchange(other.bytes_, {})), owner_(std::move(other.owner_)) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  if (this != &other) {
    release();
    fd_ = std::move(other.fd_);
    bytes_ = std::exchange(other.bytes_, {});
    owner_ = std::move(other.owner_);
  }
  return *this;
}

SharedMemory::~SharedMemory() { release(); }

void SharedMemory::release() noexcept {
  if (!bytes_.empty() && !owner_) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace backline::transport
