#include "media/repair.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "media/mending.h"
#include "media/sound_format.h"
#include "transport/fd.h"

namespace backline::media {

namespace {

constexpr std::size_t kLeastBytes = 12;

[[noreturn]] void fail(const std::string& path, const std::string& why) { throw WriteFailure("cannot mend " + path + ": " + why); }
[[noreturn]] void fail(const std::string& path, int error) { fail(path, std::strerror(error)); }

/// The bytes of a file, as long as it lives.
class Mapped {
 public:
  Mapped(const std::string& path, int fd, std::size_t size) : size_(size), data_(mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0)) {
    if (data_ == MAP_FAILED) fail(path, errno);
  }
  ~Mapped() { munmap(data_, size_); }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data_), size_}; }

 private:
  const std::size_t size_;
  void* const data_;
};

Mending examine(const std::string& path, std::span<const std::byte> bytes) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), kLeastBytes);
  try {
    if ((head.starts_with("RIFF") || head.starts_with("RF64")) && head.substr(8) == "WAVE") return examineWave(bytes);
    if (head.starts_with("fLaC")) return examineFlac(bytes);
    if (head.starts_with("OggS")) return examineOgg(bytes);
  } catch (const WriteFailure& failure) {
    fail(path, failure.what());
  }
  fail(path, head == std::string(kLeastBytes, '\0') ? "its head is lost" : "it is no WAV, RF64, FLAC or Ogg file");
}

void apply(const std::string& path, int fd, const Mending& mending) {
  for (const Mending::Patch& patch : mending.patches)
    if (pwrite(fd, patch.bytes.data(), patch.bytes.size(), static_cast<off_t>(patch.offset)) != static_cast<ssize_t>(patch.bytes.size())) fail(path, errno);
  if (ftruncate(fd, static_cast<off_t>(mending.size)) != 0 || fsync(fd) != 0) fail(path, errno);
}

void copyAll(const std::string& path, int from, int to, std::uint64_t size) {
  for (std::uint64_t done = 0; done < size;) {
    const ssize_t copied = copy_file_range(from, nullptr, to, nullptr, size - done, 0);
    if (copied < 0 && errno == ENOSPC) fail(path, "there is no disk space for a copy of it; with --in-place none is made");
    if (copied < 0) fail(path, errno);
    if (copied == 0) break;
    done += static_cast<std::uint64_t>(copied);
  }
}

/// A name beside the file that nothing has.
std::string freeName(const std::string& path) {
  std::string name = path + ".damaged";
  for (int number = 2; std::filesystem::exists(std::filesystem::symlink_status(name)); ++number) name = path + ".damaged-" + std::to_string(number);
  return name;
}

/// Returns where the damaged file is now.
std::string mendCopy(const std::string& path, int fd, const struct stat& status, const Mending& mending) {
  const std::string copy = path + "." + std::to_string(getpid()) + ".mended";
  const transport::Fd to(open(copy.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, status.st_mode & 0777));
  if (!to) fail(path, errno);
  try {
    copyAll(path, fd, to.get(), static_cast<std::uint64_t>(status.st_size));
    apply(path, to.get(), mending);
    const std::string backup = freeName(path);
    if (std::rename(path.c_str(), backup.c_str()) != 0) fail(path, errno);
    if (std::rename(copy.c_str(), path.c_str()) == 0) return backup;
    const int error = errno;
    std::rename(backup.c_str(), path.c_str());
    fail(path, error);
  } catch (...) {
    unlink(copy.c_str());
    throw;
  }
}

}  // namespace

Repair repairSoundFile(const std::string& path, bool inPlace) {
  const transport::Fd fd(open(path.c_str(), (inPlace ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK));
  if (!fd) fail(path, errno);
  struct stat status{};
  if (fstat(fd.get(), &status) != 0) fail(path, errno);
  if (!S_ISREG(status.st_mode)) fail(path, "it is no ordinary file");
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) fail(path, "it is being recorded");
  if (static_cast<std::size_t>(status.st_size) < kLeastBytes) fail(path, "there is nothing in it");
  Mending mending;
  {
    const Mapped mapped(path, fd.get(), static_cast<std::size_t>(status.st_size));
    mending = examine(path, mapped.bytes());
  }
  Repair repair{mending.holds, mending.findings, {}};
  if (repair.findings.empty()) return repair;
  if (inPlace) apply(path, fd.get(), mending);
  else repair.backup = mendCopy(path, fd.get(), status, mending);
  return repair;
}

}  // namespace backline::media
