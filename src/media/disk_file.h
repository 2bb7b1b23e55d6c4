#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "transport/fd.h"

namespace backline::media {

/// A file that grows at its end and is mended in place, with disk space reserved ahead: where the disk is full, there is still room for what
/// ends the file. While it is open nobody else can open it so. Every failure is a WriteFailure naming path and reason. [one thread at a time]
class DiskFile {
 public:
  /// `ending`: bytes that ending the file may take. A file that is there is emptied only if `replace`. Throws WriteFailure.
  DiskFile(std::string path, bool replace, std::uint64_t ending);
  ~DiskFile();   ///< gives back what was reserved
  DiskFile(const DiskFile&) = delete;
  DiskFile& operator=(const DiskFile&) = delete;

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }

  /// Makes sure that `bytes` can be appended, and the ending after them. To be called before what cannot be taken back. Throws WriteFailure.
  void reserve(std::uint64_t bytes);
  /// Throws WriteFailure, and then nothing of `bytes` counts.
  void append(std::span<const std::byte> bytes);
  /// Within size(). Throws WriteFailure.
  void writeAt(std::uint64_t offset, std::span<const std::byte> bytes);
  /// What was written survives a crash of the machine. Throws WriteFailure.
  void sync();

 private:
  void put(std::uint64_t offset, std::span<const std::byte> bytes);
  [[noreturn]] void fail(int error) const;

  const std::string path_;
  const std::uint64_t ending_;
  transport::Fd fd_;
  std::uint64_t size_ = 0;
  std::uint64_t reserved_ = 0;   // bytes of the file that have disk space
  bool canReserve_ = true;
  bool broken_ = false;          // an append has failed: what would come after it would be torn off
};

}  // namespace backline::media
