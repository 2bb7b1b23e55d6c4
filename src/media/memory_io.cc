#include "media/memory_io.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace backline::media {

namespace {
constexpr int kBlock = 32768;   // bytes FFmpeg asks for at once
}

MemoryIo::MemoryIo(std::span<const std::byte> bytes) : bytes_(bytes) {
  auto* block = static_cast<unsigned char*>(av_malloc(kBlock));
  if (block) context_ = avio_alloc_context(block, kBlock, 0, this, &MemoryIo::read, nullptr, &MemoryIo::seek);
  if (!context_) {
    av_free(block);
    throw std::bad_alloc();
  }
}

MemoryIo::~MemoryIo() {
  av_freep(&context_->buffer);
  avio_context_free(&context_);
}

int MemoryIo::read(void* self, std::uint8_t* out, int size) {
  auto& io = *static_cast<MemoryIo*>(self);
  const std::size_t count = std::min<std::size_t>(size, io.bytes_.size() - io.position_);
  if (count == 0) return AVERROR_EOF;
  std::memcpy(out, io.bytes_.data() + io.position_, count);
  io.position_ += count;
  return static_cast<int>(count);
}

std::int64_t MemoryIo::seek(void* self, std::int64_t offset, int whence) {
  auto& io = *static_cast<MemoryIo*>(self);
  const auto size = static_cast<std::int64_t>(io.bytes_.size());
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return size;
    case SEEK_CUR: offset += static_cast<std::int64_t>(io.position_); break;
    case SEEK_END: offset += size; break;
    default: break;
  }
  // Beyond the end, as in a file whose header promises more, there is nothing to read.
  if (offset < 0) return AVERROR(EINVAL);
  io.position_ = static_cast<std::size_t>(std::min(offset, size));
  return offset;
}

}  // namespace backline::media
