#include "media/byte_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace backline::media {

namespace {
constexpr int kBlock = 32768;   // bytes FFmpeg asks for at once
}

std::ptrdiff_t MemoryBytes::read(std::uint64_t offset, std::span<std::byte> out) {
  const std::size_t count = std::min(out.size(), bytes_.size() - std::min<std::uint64_t>(offset, bytes_.size()));
  if (count > 0) std::memcpy(out.data(), bytes_.data() + offset, count);
  return static_cast<std::ptrdiff_t>(count);
}

std::ptrdiff_t FileBytes::read(std::uint64_t offset, std::span<std::byte> out) {
  ssize_t count;
  while ((count = pread(file_.get(), out.data(), out.size(), static_cast<off_t>(offset))) < 0 && errno == EINTR) {
  }
  return count < 0 ? AVERROR(errno) : count;
}

std::optional<std::uint64_t> FileBytes::size() const {
  struct stat status {};
  if (fstat(file_.get(), &status) != 0) return {};
  return static_cast<std::uint64_t>(status.st_size);
}

SourceIo::SourceIo(ByteSource& source) : source_(source) {
  auto* block = static_cast<unsigned char*>(av_malloc(kBlock));
  if (block) context_ = avio_alloc_context(block, kBlock, 0, this, &SourceIo::read, nullptr, &SourceIo::seek);
  if (!context_) {
    av_free(block);
    throw std::bad_alloc();
  }
  if (!source.isSeekable()) context_->seekable = 0;
}

SourceIo::~SourceIo() {
  av_freep(&context_->buffer);
  avio_context_free(&context_);
}

int SourceIo::read(void* self, std::uint8_t* out, int size) {
  auto& io = *static_cast<SourceIo*>(self);
  const std::ptrdiff_t count = io.source_.read(io.position_, {reinterpret_cast<std::byte*>(out), static_cast<std::size_t>(size)});
  if (count == 0) return AVERROR_EOF;
  if (count > 0) {
    if (io.position_ == io.headBytes_) {
      const std::size_t some = std::min(io.head_.size() - io.headBytes_, static_cast<std::size_t>(count));
      std::memcpy(io.head_.data() + io.headBytes_, out, some);
      io.headBytes_ += some;
    }
    io.position_ += static_cast<std::uint64_t>(count);
  }
  return static_cast<int>(count);
}

std::int64_t SourceIo::seek(void* self, std::int64_t offset, int whence) {
  auto& io = *static_cast<SourceIo*>(self);
  const std::optional<std::uint64_t> size = io.source_.size();
  whence &= ~AVSEEK_FORCE;
  if (whence == AVSEEK_SIZE) return size ? static_cast<std::int64_t>(*size) : AVERROR(ENOSYS);
  if (!io.source_.isSeekable()) return AVERROR(EPIPE);
  switch (whence) {
    case SEEK_CUR: offset += static_cast<std::int64_t>(io.position_); break;
    case SEEK_END:
      if (!size) return AVERROR(ENOSYS);
      offset += static_cast<std::int64_t>(*size);
      break;
    default: break;
  }
  // Beyond the end, as in a file whose header promises more, there is nothing to read.
  if (offset < 0) return AVERROR(EINVAL);
  io.position_ = static_cast<std::uint64_t>(offset);
  return offset;
}

}  // namespace backline::media
