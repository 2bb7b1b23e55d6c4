#include "media/disk_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "media/sound_format.h"

namespace backline::media {

namespace {

constexpr std::uint64_t kReserveAtOnce = 1 << 20;   // bytes

/// 0, or what went wrong.
template <class Call>
int errorOf(Call call) {
  while (call() < 0)
    if (errno != EINTR) return errno;
  return 0;
}

}  // namespace

void DiskFile::fail(int error) const {
  throw WriteFailure("cannot write " + path_ + ": " + (error == EWOULDBLOCK ? "it is being recorded" : std::strerror(error)));
}

DiskFile::DiskFile(std::string path, bool replace, std::uint64_t ending) : path_(std::move(path)), ending_(ending) {
  fd_ = transport::Fd(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | (replace ? 0 : O_EXCL), 0666));
  if (!fd_) fail(errno);
  struct stat status{};
  if (fstat(fd_.get(), &status) != 0) fail(errno);
  if (!S_ISREG(status.st_mode)) throw WriteFailure("cannot write " + path_ + ": it is no ordinary file, and a recording goes back in its file");
  if (flock(fd_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) fail(errno);
  if (const int error = errorOf([&] { return ftruncate(fd_.get(), 0); })) fail(error);
}

DiskFile::~DiskFile() {
  (void)errorOf([&] { return ftruncate(fd_.get(), static_cast<off_t>(size_)); });
}

void DiskFile::reserve(std::uint64_t bytes) {
  const std::uint64_t wanted = size_ + bytes + ending_;
  if (!canReserve_ || wanted <= reserved_) return;
  const auto allocate = [&](std::uint64_t length) {
    return errorOf([&] { return fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(reserved_), static_cast<off_t>(length)); });
  };
  std::uint64_t length = std::max(wanted - reserved_, kReserveAtOnce);
  int error = allocate(length);
  if (error == ENOSPC || error == EDQUOT) error = allocate(length = wanted - reserved_);
  if (error == ENOSPC || error == EDQUOT) fail(error);
  if (error != 0) canReserve_ = false;   // a file system that cannot
  else reserved_ += length;
}

void DiskFile::put(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(written < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

void DiskFile::append(std::span<const std::byte> bytes) {
  if (std::exchange(broken_, true)) fail(EIO);
  put(size_, bytes);
  size_ += bytes.size();
  broken_ = false;
}

void DiskFile::writeAt(std::uint64_t offset, std::span<const std::byte> bytes) { put(offset, bytes); }

void DiskFile::sync() {
  if (const int error = errorOf([&] { return fdatasync(fd_.get()); })) fail(error);
}

}  // namespace backline::media
