#pragma once

#include <cstddef>
#include <span>

#include "media/av.h"

namespace backline::media {

/// A file in memory as FFmpeg reads it. The bytes outlive it.
class MemoryIo {
 public:
  explicit MemoryIo(std::span<const std::byte> bytes);
  ~MemoryIo();
  MemoryIo(const MemoryIo&) = delete;
  MemoryIo& operator=(const MemoryIo&) = delete;

  AVIOContext* context() const { return context_; }

 private:
  static int read(void* self, std::uint8_t* out, int size);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  AVIOContext* context_ = nullptr;
};

}  // namespace backline::media
